/** A restore that is killed leaves nothing or the whole store, and can be run again. */
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect, Stream } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { rowsOfBackup } from "../../src/transfer/readBackup.ts"
import { transferRows } from "../../src/transfer/transferRows.ts"
import { openTargetAt } from "../../src/transfers.ts"
import { callsOn, effective, killedAt, sampled } from "../crash/strace.ts"
import { backupBytes, makeWorld, rowsOf } from "./world.ts"

const restorer = fileURLToPath(new URL("restorer.ts", import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), "keystate-restore-kill-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const file = join(scratch, "world.backup")
let rows: Awaited<ReturnType<typeof rowsOf>>
beforeAll(async () => {
  const world = { kind: "directory", directory: join(scratch, "world") } as const
  await makeWorld(world.directory, 2, 10)
  writeFileSync(file, await backupBytes(world))
  rows = await rowsOf(world)
})

let runs = 0
const fresh = (): { readonly folder: string; readonly directory: string; readonly program: ReadonlyArray<string> } => {
  const folder = join(scratch, String(++runs))
  mkdirSync(folder)
  const directory = join(folder, "data")
  return { folder, directory, program: [restorer, file, directory] }
}

/** Runs the restore again. */
const again = (directory: string): Promise<void> =>
  Effect.gen(function* () {
    const target = yield* openTargetAt({ kind: "directory", directory })
    yield* transferRows(rowsOfBackup(Stream.make(readFileSync(file))), target)
    yield* target.finish
  }).pipe(Effect.scoped, Effect.runPromise)

describe("a killed restore", () => {
  it("a killed restore leaves no database or the whole one, and the next start removes what is left", async () => {
    const first = fresh()
    const calls = sampled(effective(callsOn(first.folder, first.program)), 2)
    expect(calls.length).toBeGreaterThan(5)
    let kills = 0
    for (const call of calls) {
      const { directory, program } = fresh()
      if (killedAt(call, program)) kills++
      const isThere = existsSync(join(directory, "keystate.db"))
      if (!isThere) await again(directory)
      expect([call, await rowsOf({ kind: "directory", directory })]).toEqual([call, rows])
      if (!isThere) expect([call, readdirSync(directory)]).toEqual([call, ["keystate.db"]])
    }
    expect(kills).toBeGreaterThan(calls.length / 2)
  })
})
