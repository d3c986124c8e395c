/** The arrows of a key's diagram agree with the key's behaviour, for every arrow of keys in several states. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { arrowsOf } from "../../src/console/app/keyPage/arrows.ts"
import type { Arrow } from "../../src/console/app/keyPage/arrows.ts"
import type { AllowedNow, KeyRow } from "../../src/console/protocol.ts"
import { at, startConsole } from "./startConsole.ts"
import type { Page, RunningConsole } from "./startConsole.ts"

let server: RunningConsole
let root: Page
beforeAll(async () => {
  server = await startConsole({ clock: "virtual" })
  root = await server.page()
})
afterAll(() => server.stop())

type Parameters = Readonly<Record<string, string>>

const situations: ReadonlyArray<readonly [name: string, request: Parameters, calls: ReadonlyArray<string>]> = [
  ["an enabled key", {}, []],
  ["an enabled key that rotates", { EnableAutomaticRotation: "true", RotationInterval: "30d" }, []],
  ["a disabled key", {}, ["DisableKey"]],
  ["a key that is to be deleted", {}, ["ScheduleKeyDeletion"]],
  ["a key that waits for material", { Origin: "EXTERNAL" }, []],
  ["a key without material that is to be deleted", { Origin: "EXTERNAL" }, ["ScheduleKeyDeletion"]],
  ["a signing key", { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" }, []]
]

const parametersOf = (operation: string, keyId: string, to: string): Parameters => ({
  KeyId: keyId,
  ...(operation === "ScheduleKeyDeletion" ? { PendingWindowInDays: "7" } : {}),
  ...(operation === "UpdateRotationPolicy"
    ? { EnableAutomaticRotation: String(to === "Enabled"), RotationInterval: "30d" }
    : {})
})

const makeKey = async (request: Parameters, calls: ReadonlyArray<string>): Promise<string> => {
  const keyId = String(at(await root.call("CreateKey", request), "reply", "KeyMetadata", "KeyId"))
  for (const call of calls) await root.call(call, parametersOf(call, keyId, ""))
  return keyId
}

/** The shapes of protocol.ts, which the server writes. */
const rowOf = async (keyId: string) => at(await root.get(`/key?id=${keyId}`), "reply") as KeyRow
const allowedOf = async (keyId: string) => at(await root.get(`/allowed?id=${keyId}`), "reply") as AllowedNow

const { drawing } = knownMachines.cmk
const arrowsNow = async (keyId: string): Promise<ReadonlyArray<Arrow>> =>
  arrowsOf(drawing, { row: await rowOf(keyId), allowed: await allowedOf(keyId) })

const targetOf = (arrow: Arrow): ReadonlyArray<string> =>
  (drawing.edges.find(({ id }) => id === arrow.edge)?.target ?? "").split(".")

describe.each(situations)("the arrows of %s", (_name, request, calls) => {
  it("each arrow of the diagram leads to its target, or has a reason", async () => {
    const arrows = await arrowsNow(await makeKey(request, calls))
    expect(arrows).toHaveLength(drawing.edges.filter(({ source }) => source.startsWith("state.")).length)
    for (const arrow of arrows) {
      expect(arrow.reasons.length > 0, arrow.what).toBe(arrow.operation === undefined)
      if (arrow.operation === undefined || arrow.operation === "ImportKeyMaterial") continue
      const keyId = await makeKey(request, calls)
      const [, region, to = ""] = targetOf(arrow)
      expect(at(await root.call(arrow.operation, parametersOf(arrow.operation, keyId, to)), "ok"), arrow.what).toBe(
        true
      )
      const after = await rowOf(keyId)
      expect(region === "lifecycle" ? after.state : after.rotation, arrow.what).toBe(to)
    }
  })

  it("the diagram has one legal arrow for each call that changes the key's state", async () => {
    const keyId = await makeKey(request, calls)
    const { moves, operations } = await allowedOf(keyId)
    const isAllowed = (operation: string) => operations.some((one) => one.operation === operation && one.allowed)
    const drawn = drawing.edges.map(({ source, target }) => `${source} ${target}`)
    const possible = moves.filter(
      ({ from, to, operation }) =>
        isAllowed(operation) &&
        drawing.edges.some(
          ({ lines, source, target }) =>
            source === from && target === to && lines.some(({ event }) => event === operation)
        )
    )
    for (const { from, to } of moves) expect(drawn).toContain(`${from} ${to}`)
    const legal = (await arrowsNow(keyId)).filter(({ operation }) => operation !== undefined)
    expect(legal).toHaveLength(new Set(possible.map(({ from, to }) => `${from} ${to}`)).size)
  })
})
