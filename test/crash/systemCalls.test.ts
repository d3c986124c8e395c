/** After a kill at any system call the next start works, and no files are left over. */
import { cpSync, existsSync, mkdtempSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { verifyStore } from "../../src/verification/verify.ts"
import { writeWhole } from "../../src/platform/durableFiles.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { createKms } from "../../src/promise.ts"
import { migrations } from "../../src/store/sqlite/schema.ts"
import { writeOlder } from "../store/olderStores.ts"
import { programOf } from "../programs.ts"
import { callsOn, effective, killedAt, sampled } from "./strace.ts"
import type { SystemCall } from "./strace.ts"

const service = await programOf("firstStart")
const writer = await programOf("fileWriter")

let scratch: string
beforeAll(() => {
  scratch = mkdtempSync(join(tmpdir(), "keystate-calls-"))
})
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

let runs = 0
/** A separate directory for each kill. */
const fresh = (): string => {
  runs++
  const directory = join(scratch, String(runs))
  mkdirSync(directory)
  return directory
}

const inWords = ({ name, nth }: SystemCall): string => `${name} ${nth}`

/** Kills the program at each call, in a new directory each time, and checks the remaining files. */
const killAtEach = async (
  calls: ReadonlyArray<SystemCall>,
  prepare: () => { readonly folder: string; readonly program: ReadonlyArray<string> },
  look: (folder: string) => Promise<void>
): Promise<void> => {
  const faults: Array<string> = []
  let kills = 0
  for (const call of calls) {
    const { folder, program } = prepare()
    if (killedAt(call, program)) kills++
    await look(folder).catch((fault: unknown) => faults.push(`${inWords(call)}: ${String(fault)}`))
    rmSync(folder, { recursive: true, force: true })
  }
  expect(faults).toEqual([])
  // Threads divide their work differently each time, so some calls are not reached.
  expect(kills).toBeGreaterThan(calls.length / 2)
}

const startsAndIsSound = async (directory: string): Promise<ReadonlyArray<string>> => {
  const kms = await createKms({ store: { directory }, clock: "virtual" })
  await kms.createKey({})
  await kms.close()
  const { findings } = await Effect.runPromise(
    verifyStore().pipe(Effect.provide(engineLayer(optionsOf({ directory }, { clock: "virtual" }))))
  )
  expect(findings).toEqual([])
  return readdirSync(directory).sort()
}

describe("a service that is killed during its first start", () => {
  it("a service killed during its first start starts again, with only the database and root key left", async () => {
    const dataIn = (folder: string): string => join(folder, "new", "data")
    const prepare = () => {
      const folder = fresh()
      return { folder, program: [service, dataIn(folder)] }
    }
    const { folder, program } = prepare()
    await killAtEach(sampled(callsOn(folder, program), 2), prepare, async (where) => {
      expect(await startsAndIsSound(dataIn(where))).toEqual(["keystate.db", "root.key"])
      expect([readdirSync(where), readdirSync(join(where, "new"))]).toEqual([["new"], ["data"]])
    })
  })

  it("a service killed during its first start finds its root key in another folder, and leaves only that key", async () => {
    const prepare = () => {
      const folder = fresh()
      mkdirSync(join(folder, "keys"))
      return { folder, program: [service, join(folder, "data"), join(folder, "keys", "root.key")] }
    }
    const { folder, program } = prepare()
    const calls = callsOn(join(folder, "keys"), program)
    await killAtEach(sampled(effective(calls), 1), prepare, async (where) => {
      const path = join(where, "keys", "root.key")
      const kms = await createKms({
        store: { directory: join(where, "data") },
        clock: "virtual",
        rootKey: { kind: "file", path }
      })
      await kms.close()
      expect(readdirSync(join(where, "keys"))).toEqual(["root.key"])
    })
  })
})

describe("a service that is killed during a migration", () => {
  let today: string
  beforeAll(async () => {
    today = join(scratch, "today")
    const kms = await createKms({ store: { directory: today }, clock: "virtual" })
    const { KeyId } = (await kms.createKey({ Description: "kept" })).KeyMetadata
    await kms.createAlias({ KeyId, AliasName: "alias/kept" })
    await kms.close()
  })

  it.each(migrations.slice(1).map((_, i) => i + 1))(
    "a service killed during a migration from schema %i completes that migration later, with every key",
    async (schema) => {
      const older = join(scratch, `older-${schema}`)
      writeOlder(today, older, schema)
      const prepare = () => {
        const folder = fresh()
        cpSync(older, folder, { recursive: true })
        return { folder, program: [service, folder] }
      }
      const { folder, program } = prepare()
      await killAtEach(sampled(effective(callsOn(folder, program)), 1), prepare, async (directory) => {
        expect(await startsAndIsSound(directory)).toEqual(["keystate.db", "root.key"])
        const kms = await createKms({ store: { directory }, clock: "virtual" })
        expect((await kms.describeKey({ KeyId: "alias/kept" })).KeyMetadata.Description).toBe("kept")
        await kms.close()
      })
    }
  )
})

describe("a command that is killed while it writes a file", () => {
  const [old, anew] = ["old".repeat(100_000), "new".repeat(100_000)]

  it.each([
    ["a new file", undefined],
    ["a file that was there", old]
  ])(
    "a command killed while writing a file leaves %s whole or unchanged, and the next one cleans up",
    async (_, before) => {
      const prepare = () => {
        const folder = fresh()
        const path = join(folder, "out.svg")
        if (before !== undefined) writeFileSync(path, before, { mode: 0o640 })
        return { folder, program: [writer, path, "new"] }
      }
      const { folder, program } = prepare()
      await killAtEach(sampled(callsOn(folder, program), 100), prepare, async (where) => {
        const path = join(where, "out.svg")
        const left = existsSync(path) ? readFileSync(path, "utf8") : undefined
        expect([before, anew].indexOf(left)).toBeGreaterThanOrEqual(0)
        writeWhole(path, anew)
        expect([readdirSync(where), readFileSync(path, "utf8") === anew]).toEqual([["out.svg"], true])
      })
    }
  )
})
