/** Kills a service at a boundary between two steps or at a moment, and says which answered changes are absent afterwards. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { actorFailpoints } from "../../src/actor/perform.ts"
import { verifyStore } from "../../src/verification/verify.ts"
import { optionsOf } from "../../src/index.ts"
import { engineLayer } from "../../src/main.ts"
import { createKms, isKmsError } from "../../src/promise.ts"
import { storeFailpoints } from "../../src/store/failpoints.ts"
import { clockFailpoints } from "../../src/timers/virtualClock.ts"
import { programOf } from "../programs.ts"

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

/** What is wrong after a kill. Answered changes are present, others completely or not at all, and time may have advanced. */
const faultsAfter = async (directory: string, told: ReadonlyMap<string, Told>): Promise<ReadonlyArray<string>> => {
  const report = await Effect.runPromise(
    verifyStore().pipe(Effect.provide(engineLayer(optionsOf({ directory }, { clock: "virtual" }))))
  )
  const faults = report.findings.map(({ keyId, finding }) => `${keyId ?? "the store"}: ${finding}`)
  const kms = await createKms({ store: { directory }, clock: "virtual" })
  for (const [keyId, { answered, leadsTo, blobs }] of told) {
    const possible = [answered, leadsTo ?? answered]
    // The clock of another key may have passed this key's deadline.
    if (possible.includes("PendingDeletion")) possible.push("Deleted")
    const state = await stateOf(kms, keyId)
    if (!possible.includes(state)) faults.push(`${keyId} is ${state}, not ${possible.join(" or ")}`)
    if (state !== "Enabled") continue
    for (const CiphertextBlob of blobs) {
      const { Plaintext } = await kms.decrypt({ CiphertextBlob })
      if (Plaintext !== "aGVsbG8=") faults.push(`${keyId} decrypts to another plaintext`)
    }
  }
  await kms.close()
  return faults
}

/** Kills a service at its so manieth visit of a boundary. Answers what is wrong afterwards. */
export const killedAt = async (directory: string, boundary: string, visit: number): Promise<ReadonlyArray<string>> =>
  faultsAfter(directory, await runVictim(directory, boundary, visit, 100_000))

/** Kills a service after so many answers. Answers what is wrong afterwards. */
export const killedAfter = async (directory: string, answers: number): Promise<ReadonlyArray<string>> =>
  faultsAfter(directory, await runVictim(directory, "", 0, answers))

export const inScratch = async <A>(work: (directory: string) => Promise<A>): Promise<A> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-crash-"))
  try {
    return await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

/** Failpoints that the lifecycle of a key does not reach; the store's own crash test reaches all. */
const beyondKeys = (name: string): boolean => /^store\.(nonces|import|ram)\./.test(name)

/** The boundaries that the life of a key reaches. */
export const boundaries: ReadonlyArray<string> = [...storeFailpoints, ...clockFailpoints, ...actorFailpoints].filter(
  (name) => !beyondKeys(name)
)
/** At which visits of a boundary a service is killed. */
export const visits = [1, 3, 7] as const
