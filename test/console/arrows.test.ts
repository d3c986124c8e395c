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

describe("the policies behind an arrow that does nothing", () => {
  const statement = (Effect: "Allow" | "Deny", Action: string | ReadonlyArray<string>) => ({
    Effect,
    Action,
    Resource: "*"
  })

  /** The page of a new user that has these policies. */
  const userWith = async (user: string, policies: Readonly<Record<string, ReadonlyArray<object>>>): Promise<Page> => {
    await root.ram("CreateUser", { UserName: user })
    for (const [PolicyName, Statement] of Object.entries(policies)) {
      await root.ram("CreatePolicy", { PolicyName, PolicyDocument: JSON.stringify({ Version: "1", Statement }) })
      await root.ram("AttachPolicyToUser", { PolicyType: "Custom", PolicyName, UserName: user })
    }
    const pair = at(await root.ram("CreateAccessKey", { UserName: user }), "reply", "AccessKey")
    return server.page({
      accessKeyId: String(at(pair, "AccessKeyId")),
      accessKeySecret: String(at(pair, "AccessKeySecret"))
    })
  }

  const disabling = async (keyId: string, { get }: Page, as = ""): Promise<Arrow> => {
    const row = at(await get(`/key?id=${keyId}`), "reply") as KeyRow
    const allowed = at(await get(`/allowed?id=${keyId}${as === "" ? "" : `&as=${as}`}`), "reply") as AllowedNow
    const found = arrowsOf(drawing, { row, allowed }).find(({ edge }) => edge === disableEdge)
    if (found === undefined) throw new Error("the arrow of DisableKey is missing")
    return found
  }
  const disableEdge = drawing.edges.find(
    ({ source, lines }) => source.endsWith("lifecycle.Enabled") && lines.some(({ event }) => event === "DisableKey")
  )?.id

  it("shows the text of the statement that denies the call, to its user and to the root", async () => {
    const keyId = await makeKey({}, [])
    const user = await userWith("denied", {
      "denied-all": [statement("Allow", "kms:*")],
      "denied-one": [statement("Allow", "kms:ListKeys"), statement("Deny", "kms:DisableKey")]
    })
    for (const arrow of [await disabling(keyId, user), await disabling(keyId, root, "user/denied")]) {
      expect(arrow.reasons).toContain("Statement 1 of denied-one denies DisableKey: Forbidden.NoPermission.")
      const [shown, ...others] = arrow.statements
      expect(others).toEqual([])
      expect(shown?.title).toBe("Statement 1 of denied-one")
      expect(shown?.lines).toEqual(['"Effect": "Deny"', '"Action": "kms:DisableKey"', '"Resource": "*"'])
    }
  })

  it("names the evaluated policies if no statement allows the call", async () => {
    const keyId = await makeKey({}, [])
    const reading = { "few-read": [statement("Allow", "kms:DescribeKey")] }
    const more = Object.fromEntries([1, 2, 3, 4, 5].map((n) => [`few-${n}`, [statement("Allow", "kms:ListKeys")]]))
    const user = await userWith("few", { ...reading, ...more })
    const arrow = await disabling(keyId, user)
    expect(arrow.statements).toEqual([])
    expect(arrow.reasons).toContain("No policy allows DisableKey: Forbidden.NoPermission.")
    const named = arrow.reasons.filter((reason) => reason.startsWith("Evaluated policies: "))
    expect(named).toEqual(["Evaluated policies: few-read, few-1, few-2, few-3, few-4 and 1 more."])
    await root.ram("CreateUser", { UserName: "none" })
    expect((await disabling(keyId, root, "user/none")).reasons).toContain("No policy is attached.")
  })

  it("shows a statement of the key's policy only to a caller that may read that policy", async () => {
    const keyId = await makeKey({}, [])
    const account = "1000000000000001"
    const Deny = {
      Sid: "no stop",
      Effect: "Deny",
      Principal: { RAM: [`acs:ram::${account}:*`] },
      Action: "kms:DisableKey",
      Resource: "*"
    }
    const Allow = { Effect: "Allow", Principal: { RAM: [`acs:ram::${account}:*`] }, Action: "kms:*", Resource: "*" }
    const Policy = JSON.stringify({ Version: "1", Statement: [Allow, Deny] })
    expect(at(await root.call("SetKeyPolicy", { KeyId: keyId, PolicyName: "default", Policy }), "ok")).toBe(true)
    const reader = await userWith("key-reader", { "key-all": [statement("Allow", "kms:*")] })
    const blind = await userWith("key-blind", {
      "key-some": [statement("Allow", ["kms:DescribeKey", "kms:DisableKey"])]
    })
    const denial = "Statement 1 of the key policy denies DisableKey: Forbidden.NoPermission."
    for (const arrow of [await disabling(keyId, reader), await disabling(keyId, root, "user/key-blind")]) {
      expect(arrow.reasons).toContain(denial)
      expect(arrow.statements.map(({ lines }) => lines.join("\n"))).toEqual([expect.stringContaining("no stop")])
    }
    const hidden = await disabling(keyId, blind)
    expect(hidden.reasons).toContain(denial)
    expect(hidden.statements).toEqual([])
    expect(JSON.stringify(await blind.get(`/allowed?id=${keyId}`))).not.toContain("no stop")
  })

  it("shortens long values of a statement, and counts the items that it leaves out", async () => {
    const keyId = await makeKey({}, [])
    const actions = Array.from({ length: 20 }, (_, n) => `kms:DisableKey${n === 0 ? "" : n}`)
    const user = await userWith("long", {
      "long-all": [statement("Allow", "kms:*")],
      "long-deny": [statement("Deny", actions)]
    })
    const [shown] = (await disabling(keyId, user)).statements
    expect(shown?.lines[1]).toMatch(/^"Action": \["kms:DisableKey", .*"kms:DisableKey5", … 14 more\]$/)
    for (const line of shown?.lines ?? []) expect(line.length).toBeLessThan(200)
  })
})
