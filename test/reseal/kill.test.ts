/** A reseal that is killed leaves a store under the old root key or under the new one, and can be run again. */
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { verifiedOn } from "../../src/cli/data/verified.ts"
import { optionsOf } from "../../src/index.ts"
import { reseal } from "../../src/resealing.ts"
import { openChangeOf } from "../../src/transfers.ts"
import { callsOn, effective, killedAt, sampled } from "../crash/strace.ts"
import { makeWorld } from "../transfer/world.ts"

const resealer = fileURLToPath(new URL("resealer.ts", import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), "keystate-reseal-kill-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const world = join(scratch, "world")
beforeAll(() => makeWorld(world, 4, 10))

let runs = 0
const fresh = () => {
  const folder = join(scratch, String(++runs))
  mkdirSync(folder)
  const directory = join(folder, "data")
  cpSync(world, directory, { recursive: true })
  const [old, next] = [join(directory, "root.key"), join(folder, "next.key")]
  return { folder, directory, old, next, program: [resealer, directory, old, next] }
}

/** The findings under a root key; a message if the store has another root key. */
const found = (directory: string, path: string): Promise<unknown> =>
  Effect.gen(function* () {
    const change = yield* openChangeOf({ kind: "directory", directory })
    const options = { ...optionsOf("memory", { hsm: "simulator" }), rootKey: { kind: "file", path } as const }
    const { findings, materialsOpened } = yield* verifiedOn(change.driver, options)
    return { findings, opens: materialsOpened > 0 }
  }).pipe(
    Effect.scoped,
    Effect.catch(({ message }) => Effect.succeed(message)),
    Effect.runPromise
  )

/** Runs the command again. */
const again = (directory: string, old: string, next: string): Promise<void> =>
  Effect.gen(function* () {
    const change = yield* openChangeOf({ kind: "directory", directory })
    yield* reseal({ change, old: { kind: "file", path: old }, next: { kind: "file", path: next }, hsm: "simulator" })
    yield* change.finish
  }).pipe(Effect.scoped, Effect.runPromise)

const sound = { findings: [], opens: true }

describe("a killed reseal", () => {
  it("a killed reseal leaves a store under one root key, and completes when run again", async () => {
    const first = fresh()
    const calls = sampled(effective(callsOn(first.folder, first.program)), 2)
    expect(calls.length).toBeGreaterThan(5)
    let kills = 0
    for (const call of calls) {
      const { directory, old, next, program } = fresh()
      if (killedAt(call, program)) kills++
      const underOld = await found(directory, old)
      if (JSON.stringify(underOld) !== JSON.stringify(sound)) {
        expect([call, underOld, await found(directory, next)]).toEqual([call, expect.any(String), sound])
      }
      await again(directory, old, next)
      expect([call, await found(directory, next)]).toEqual([call, sound])
      expect([call, await found(directory, old)]).toEqual([call, expect.stringContaining("another root key")])
    }
    expect(kills).toBeGreaterThan(calls.length / 2)
  })
})
