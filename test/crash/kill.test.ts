/** After a kill at every durable write and at random moments, the service has every answered change. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { actorFailpoints } from "../../src/actor/perform.ts"
import { verifyStore } from "../../src/verification/verify.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { createKms, isKmsError } from "../../src/promise.ts"
import { storeFailpoints } from "../../src/store/failpoints.ts"
import { clockFailpoints } from "../../src/timers/virtualClock.ts"
import { patience } from "../patience.ts"
import { programOf } from "../programs.ts"
import { isWhole, partOf } from "../sample.ts"

const victim = await programOf("victim")
/** The calls of a key in the victim's output: answered ones, and requested ones without an answer. */
interface Told {
  answered: string
  leadsTo: string | undefined
  blobs: Array<string>
}

const memberOf = (line: unknown, name: string): string | undefined => {
  const value: unknown = typeof line === "object" && line !== null ? Reflect.get(line, name) : undefined
  return typeof value === "string" ? value : undefined
}

const note = (told: Map<string, Told>, line: unknown): void => {
  const keyId = memberOf(line, "KeyId")
  if (keyId === undefined) return
  const known = told.get(keyId) ?? { answered: "Enabled", leadsTo: undefined, blobs: [] }
  told.set(keyId, known)
  const [state, leadsTo, blob] = [memberOf(line, "state"), memberOf(line, "leadsTo"), memberOf(line, "blob")]
  if (state !== undefined) {
    known.answered = state
    known.leadsTo = undefined
  }
  if (leadsTo !== undefined) known.leadsTo = leadsTo
  if (blob !== undefined) known.blobs.push(blob)
}

/** Runs the victim until it ends; kills it after so many answers if no failpoint does. */
const runVictim = (directory: string, failpoint: string, hits: number, killAfter: number): Promise<Map<string, Told>> =>
  new Promise((resolve, reject) => {
    const told = new Map<string, Told>()
    let answers = 0
    let ended = false
    const child = spawn(process.execPath, [victim, directory, failpoint, String(hits)], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const lines = createInterface({ input: child.stdout })
    lines.on("line", (text) => {
      note(told, JSON.parse(text))
      answers++
      if (answers === killAfter) child.kill("SIGKILL")
    })
    child.on("error", reject)
    child.on("exit", (_code, signal) => {
      ended = true
      if (signal !== "SIGKILL") reject(new Error(`the victim ended by itself: ${String(signal)}`))
    })
    lines.on("close", () => {
      if (ended) resolve(told)
      else child.on("exit", () => resolve(told))
    })
  })

const stateOf = async (kms: Awaited<ReturnType<typeof createKms>>, KeyId: string): Promise<string> => {
  try {
    return (await kms.describeKey({ KeyId })).KeyMetadata.KeyState
  } catch (error) {
    if (isKmsError(error) && error.code === "Forbidden.KeyNotFound") return "Deleted"
    throw error
  }
}

/** Answered changes are present, others are present completely or not at all, and time may have advanced. */
const check = async (directory: string, told: ReadonlyMap<string, Told>): Promise<void> => {
  const report = await Effect.runPromise(
    verifyStore().pipe(Effect.provide(engineLayer(optionsOf({ directory }, { clock: "virtual" }))))
  )
  expect(report.findings).toEqual([])
  const kms = await createKms({ store: { directory }, clock: "virtual" })
  for (const [keyId, { answered, leadsTo, blobs }] of told) {
    const possible = [answered, leadsTo ?? answered]
    // The clock of another key may have passed this key's deadline.
    if (possible.includes("PendingDeletion")) possible.push("Deleted")
    const state = await stateOf(kms, keyId)
    expect(possible).toContain(state)
    if (state !== "Enabled") continue
    for (const CiphertextBlob of blobs) expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe("aGVsbG8=")
  }
  await kms.close()
}

const inScratch = async (work: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-crash-"))
  try {
    await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Failpoints that the lifecycle of a key does not reach; the store's own crash test reaches all. */
const beyondKeys = (name: string): boolean => /^store\.(nonces|import|ram)\./.test(name)

describe("a service killed at a boundary", () => {
  const names = [...storeFailpoints, ...clockFailpoints, ...actorFailpoints].filter((name) => !beyondKeys(name))
  const cases = names.flatMap((name, place) => partOf([1, 3, 7], 3, place).map((hits) => [name, hits] as const))
  it.each(cases)("a service killed at %s, at visit %i, has every answered change", (name, hits) =>
    inScratch(async (directory) => {
      await check(directory, await runVictim(directory, name, hits, 100_000))
    })
  )
})

describe("a service killed at a random moment", () => {
  const kills = Number(process.env["KEYSTATE_TEST_KILLS"] ?? (isWhole ? 100 : 6))
  it(
    "a service killed at random moments has every answered change, several times on one data directory",
    () =>
      inScratch(async (directory) => {
        for (let kill = 0; kill < kills; kill++) {
          await check(directory, await runVictim(directory, "", 0, 5 + Math.floor(Math.random() * 200)))
        }
      }),
    2 * patience + kills * 60_000
  )
})
