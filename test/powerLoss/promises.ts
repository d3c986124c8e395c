/** The requests and answers of a recorded service up to an instant, and whether a disk keeps them. */
import { Effect, Layer } from "effect"
import { engineLayer } from "../../src/main.ts"
import { Kms, optionsOf } from "../../src/index.ts"
import { verifyStore } from "../../src/verification/verify.ts"

export interface ToldKey {
  /** The states that the key may have: the answered one, and one that was requested later. */
  states: ReadonlyArray<string>
  blobs: ReadonlyArray<string>
}

/** One line of the service's output. */
interface Line {
  readonly KeyId?: string
  readonly state?: string
  readonly leadsTo?: string
  readonly blob?: string
}

export const promisesIn = (acks: string): ReadonlyMap<string, ToldKey> => {
  const told = new Map<string, ToldKey>()
  for (const text of acks.split("\n").filter((line) => line !== "")) {
    const { KeyId, blob, leadsTo, state }: Line = JSON.parse(text)
    if (KeyId === undefined) continue
    const known = told.get(KeyId) ?? { states: [], blobs: [] }
    if (state !== undefined) known.states = [state]
    if (leadsTo !== undefined) known.states = [...known.states, leadsTo]
    if (blob !== undefined) known.blobs = [...known.blobs, blob]
    told.set(KeyId, known)
  }
  return told
}

const brokenFor = Effect.fnUntraced(function* (KeyId: string, { states, blobs }: ToldKey) {
  const kms = yield* Kms
  const state = yield* kms.describeKey({ KeyId }).pipe(
    Effect.map(({ KeyMetadata }): string => KeyMetadata.KeyState),
    Effect.catch(({ code }) => Effect.succeed(code === "Forbidden.KeyNotFound" ? "Deleted" : code))
  )
  if (!states.includes(state)) return [`key ${KeyId} is ${state}; it was told to be ${states.join(" or ")}`]
  if (state !== "Enabled") return []
  const faults: Array<string> = []
  for (const CiphertextBlob of blobs) {
    const opened = yield* kms.decrypt({ CiphertextBlob }).pipe(
      Effect.map(({ Plaintext }) => Plaintext),
      Effect.catch(({ code }) => Effect.succeed(code))
    )
    if (opened !== "aGVsbG8=") faults.push(`a ciphertext of key ${KeyId} gives ${opened}`)
  }
  return faults
})

/** Opens the data directory as a start of the service does. Returns the faults. */
export const brokenIn = (directory: string, told: ReadonlyMap<string, ToldKey>): Promise<ReadonlyArray<string>> =>
  Effect.gen(function* () {
    const { findings } = yield* verifyStore()
    const faults = findings.map(({ keyId, finding }) => `verify finds of ${keyId ?? "the store"}: ${finding}`)
    for (const [keyId, key] of told) faults.push(...(yield* brokenFor(keyId, key)))
    return faults
  }).pipe(
    Effect.provide(Layer.fresh(engineLayer(optionsOf({ directory }, { clock: "virtual" })))),
    Effect.scoped,
    Effect.catchCause((cause) => Effect.succeed([`the service does not start: ${String(cause).slice(0, 300)}`])),
    Effect.runPromise
  )
