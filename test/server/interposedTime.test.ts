/** A wrong system clock under a running server: the answers to clients and operators. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { parseInstant } from "../../src/domain/time.ts"
import { form } from "./signed.ts"
import { killAll, startInterposed } from "./interposed.ts"
import type { InterposedServer } from "./interposed.ts"

const minute = 60_000
const day = 24 * 60 * minute
const year = 365 * day

let root: string
let directory: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "keystate-interposed-"))
  directory = join(root, "data")
})
afterEach(async () => {
  await killAll()
  rmSync(root, { recursive: true, force: true })
})

const memberOf = (value: unknown, ...path: ReadonlyArray<string>): unknown =>
  path.reduce<unknown>(
    (inner, name) => (typeof inner === "object" && inner !== null ? Reflect.get(inner, name) : undefined),
    value
  )

const newKey = async ({ ask }: InterposedServer): Promise<string> =>
  String(memberOf((await ask("CreateKey")).body, "KeyMetadata", "KeyId"))

const deletionGiven = async (server: InterposedServer): Promise<number> => {
  const KeyId = await newKey(server)
  expect((await server.ask("ScheduleKeyDeletion", { KeyId, PendingWindowInDays: "7" })).status).toBe(200)
  return (
    parseInstant(String(memberOf((await server.ask("DescribeKey", { KeyId })).body, "KeyMetadata", "DeleteDate"))) ?? 0
  )
}

/** The right time, within the duration of a request. */
const expectAbout = (given: number, right: number): void => expect(Math.abs(given - right)).toBeLessThan(minute)

const clockOf = async (server: InterposedServer): Promise<unknown> => {
  const checks = memberOf(await server.get("/readyz"), "checks")
  return Array.isArray(checks) ? checks.find((check: unknown) => memberOf(check, "name") === "clock") : undefined
}

const doubted = { detail: expect.stringMatching(/^in doubt\. .*keystate clock (confirm|reject)/) }

describe("a server whose system clock jumps", () => {
  for (const off of [30 * minute, year, -year, 30 * year]) {
    it(`a server keeps the right lifecycle time while its clock jumps by ${off} ms and back`, async () => {
      const server = await startInterposed(root, directory, 0)
      const leaving = await newKey(server)
      await server.ask("ScheduleKeyDeletion", { KeyId: leaving, PendingWindowInDays: "7" })
      server.set(off)
      expectAbout(await deletionGiven(server), Date.now() + 7 * day)
      expect(await clockOf(server)).toMatchObject(doubted)
      server.set(0)
      expectAbout(await deletionGiven(server), Date.now() + 7 * day)
      const { body, status } = await server.ask("RejectClock")
      expect(status).toBe(200)
      expect(body).not.toHaveProperty("Doubt")
      expect(await clockOf(server)).toMatchObject({ detail: "trusted" })
      expect(memberOf((await server.ask("DescribeKey", { KeyId: leaving })).body, "KeyMetadata", "KeyState")).toBe(
        "PendingDeletion"
      )
      await server.stop()
    })
  }

  for (const end of ["stop", "kill"] as const) {
    it(`time is in doubt after a ${end} with the clock 30 years ahead and a start with the right clock`, async () => {
      let server = await startInterposed(root, directory, 0)
      const leaving = await newKey(server)
      await server.ask("ScheduleKeyDeletion", { KeyId: leaving, PendingWindowInDays: "7" })
      await server[end]()
      server = await startInterposed(root, directory, 30 * year)
      expectAbout(await deletionGiven(server), Date.now() + 7 * day)
      expect(await clockOf(server)).toMatchObject(doubted)
      await server[end]()
      server = await startInterposed(root, directory, 0)
      expect(await clockOf(server)).toMatchObject(doubted)
      expectAbout(await deletionGiven(server), Date.now() + 7 * day)
      expect((await server.ask("RejectClock")).body).not.toHaveProperty("Doubt")
      expect(memberOf((await server.ask("DescribeKey", { KeyId: leaving })).body, "KeyMetadata", "KeyState")).toBe(
        "PendingDeletion"
      )
      await server.stop()
    })
  }

  for (const end of ["stop", "kill"] as const) {
    it(`a server accepts each request once and refuses no new request, with a ${end} at each jump`, async () => {
      const sent: Array<string> = []
      let server = await startInterposed(root, directory, 0)
      for (const off of [0, year, 0, -day]) {
        server.set(off)
        for (const restarted of [false, true]) {
          if (restarted) {
            await server[end]()
            server = await startInterposed(root, directory, off)
          }
          const body = form("ListKeys", {}, { timestamp: server.stamp() })
          expect(await server.send(body)).toMatchObject({ status: 200 })
          sent.push(body)
          for (const again of sent) expect((await server.send(again)).status).toBe(400)
        }
      }
      await server.stop()
    })
  }

  it("after a kill the server names the refused interval, without blaming the client", async () => {
    let server = await startInterposed(root, directory, 0)
    const stamp = server.stamp()
    await server.kill()
    server = await startInterposed(root, directory, 0)
    const { body, status } = await server.send(form("ListKeys", {}, { timestamp: stamp }))
    expect(status).toBe(400)
    expect(body).toMatchObject({
      Code: "InvalidTimeStamp.Expired",
      Hint: expect.stringContaining("clock may be right")
    })
    const checks = memberOf(await server.get("/readyz"), "checks")
    expect(checks).toContainEqual({ name: "replay", ok: true, detail: expect.stringContaining("are refused") })
    await server.stop()
  })

  it("the server reports data dated 30 years ahead, and moves the time back on command", async () => {
    let server = await startInterposed(root, directory, 30 * year)
    await newKey(server)
    await server.kill()
    server = await startInterposed(root, directory, 0)
    expect(await clockOf(server)).toMatchObject(doubted)
    expect((await server.ask("RejectClock")).body).not.toHaveProperty("Doubt")
    expectAbout(await deletionGiven(server), Date.now() + 7 * day)
    await server.stop()
  })
})
