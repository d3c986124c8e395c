/** One key in the memory of a page: its machine, its material under the portable provider, and its journal. */
import { Effect } from "effect"
import { create } from "../../machines/cmk.ts"
import type { CmkCommand, CmkEvent, CmkInput, CmkSnapshot } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { decide, refusalOf } from "../../machines/permits.ts"
import type { Refusal } from "../../machines/permits.ts"
import { requests } from "../../machines/vocabulary.ts"
import { rootKeyFromBytes } from "../crypto/portable/rootKey.ts"
import { portablePrimitives } from "../crypto/portable/portablePrimitives.ts"
import { makeSoftwareProvider } from "../crypto/softwareProvider.ts"
import type { KeyHandle } from "../crypto/provider.ts"
import { decodeBase64, encodeBase64 } from "../encoding/base64.ts"
import { canonicalContext } from "../domain/encryptionContext.ts"
import { KeyId, KeyVersionId } from "../domain/ids.ts"
import type { Randomness } from "../platform/services.ts"
import { chainText, genesis, portableHash } from "../records/hashChain.ts"
import type { StoredMaterial } from "../records/rows.ts"
import { eventOf, kindsOfKeys } from "../visualizer/keys/walk.ts"

const dayMillis = 86_400_000

/** Kinds of keys that can be created. Their material is that of AES-256. */
export const kinds = ["Aliyun_AES_256", "rotating", "EXTERNAL"] as const

export type Kind = (typeof kinds)[number]

/** A line of the journal. Its hash covers the line and the hash before it. */
export interface Line {
  readonly seq: number
  readonly at: number
  readonly event: string
  readonly hash: string
}

/** The result of a click. */
export type Outcome =
  | { readonly _tag: "Accepted"; readonly event: string }
  | { readonly _tag: "Refused"; readonly operation: string; readonly refusal: Refusal }
  | { readonly _tag: "Encrypted"; readonly blob: string }
  | { readonly _tag: "Decrypted"; readonly text: string }
  | { readonly _tag: "NotOpened" }

/** A button: an event of the key, and the refusal that a click would get. */
export interface Offer {
  readonly name: string
  /** Whether the event happens on schedule, and not by a call. */
  readonly isDeadline: boolean
  readonly refusal: Refusal | undefined
}

export interface Playground {
  readonly keyId: string
  readonly snapshot: () => CmkSnapshot
  /** The time of the key, in milliseconds. Each event takes a day, and a deadline happens at its own time. */
  readonly now: () => number
  readonly journal: () => ReadonlyArray<Line>
  readonly offers: () => ReadonlyArray<Offer>
  readonly send: (name: string) => Promise<Outcome>
  readonly encrypt: (text: string) => Promise<Outcome>
  readonly decrypt: (blob: string) => Promise<Outcome>
}

const context = canonicalContext(undefined)

/** The material of a key by version, sealed as in a store. */
const makeVault = (keyId: string, randomness: Randomness["Service"]) => {
  const rootKey = rootKeyFromBytes({ bytes: randomness.bytes(32), randomness })
  const provider = makeSoftwareProvider(portablePrimitives, { randomness, rootKey })
  const stored = new Map<string, StoredMaterial>()
  const rowOf = (versionId: string) => ({ keyId: KeyId.make(keyId), keyVersionId: KeyVersionId.make(versionId) })
  const spec = "Aliyun_AES_256"

  const generate = async (versionId: string): Promise<void> => {
    stored.set(versionId, await Effect.runPromise(provider.generate({ row: rowOf(versionId), spec })))
  }
  const perform = async (command: CmkCommand): Promise<void> => {
    if (command._tag === "GenerateVersion") await generate(command.versionId)
    if (command._tag === "EraseMaterial") stored.clear()
  }
  /** Undefined if the material of the version was deleted. */
  const using = async <A>(versionId: string, use: (handle: KeyHandle) => Promise<A>): Promise<A | undefined> => {
    const material = stored.get(versionId)
    if (material === undefined) return undefined
    const handle = await Effect.runPromise(provider.open({ row: rowOf(versionId), spec, stored: material }))
    try {
      return await use(handle)
    } finally {
      handle.close()
    }
  }
  const seal = (versionId: string, plaintext: Uint8Array): Promise<Uint8Array | undefined> =>
    using(versionId, (handle) => Effect.runPromise(provider.seal({ handle, plaintext, context })))
  const unseal = (versionId: string, blob: Uint8Array): Promise<Uint8Array | undefined> =>
    using(versionId, (handle) =>
      Effect.runPromise(Effect.orElseSucceed(provider.unseal({ handle, blob, context }), () => undefined))
    )
  return { generate, perform, seal, unseal, versions: (): ReadonlyArray<string> => [...stored.keys()] }
}

const inputOf = (kind: Kind, versionId: string, at: number): CmkInput => {
  const input = kindsOfKeys[kind]
  if (input === undefined) throw new Error(`${kind} is not a kind of key`)
  return { ...input, newestVersionId: versionId, newestVersionAt: at }
}

/** The key of a playground. A click replaces its snapshot and its time, and adds to its journal. */
interface Key {
  readonly keyId: string
  readonly randomness: Randomness["Service"]
  readonly vault: ReturnType<typeof makeVault>
  readonly journal: Array<Line>
  snapshot: CmkSnapshot
  at: number
}

const write = ({ at, journal, keyId }: Key, event: string, payload: object): void => {
  const seq = journal.length + 1
  const text = JSON.stringify({ at, event: payload, keyId, seq })
  journal.push({ seq, at, event, hash: chainText(journal.at(-1)?.hash ?? genesis, text, portableHash) })
}

const eventNamed = ({ at, randomness, snapshot }: Key, name: string): CmkEvent | undefined =>
  eventOf(snapshot, name, at + dayMillis, () => randomness.uuid())

const take = async (key: Key, event: CmkEvent): Promise<Outcome> => {
  const verdict = decide(key.snapshot, event)
  if (verdict._tag === "Refusal") return { _tag: "Refused", operation: event.type, refusal: verdict }
  if (verdict._tag === "Stale") throw new Error(`${event.type} is not due`)
  // Imported material is part of the event; the machine requests no generation for it.
  if (event.type === "ImportKeyMaterial") await key.vault.generate(verdict.next.context.newestVersionId)
  for (const command of verdict.commands) await key.vault.perform(command)
  key.at = event.at
  key.snapshot = verdict.next
  write(key, event.type, event)
  return { _tag: "Accepted", event: event.type }
}

const send = async (key: Key, name: string): Promise<Outcome> => {
  const event = eventNamed(key, name)
  if (event === undefined) throw new Error(`the key has no event ${name}`)
  return take(key, event)
}

const offerOf = (key: Key, name: string, isDeadline: boolean): ReadonlyArray<Offer> => {
  const event = eventNamed(key, name)
  const verdict = event === undefined ? undefined : decide(key.snapshot, event)
  if (verdict === undefined || verdict._tag === "Stale") return []
  return [{ name, isDeadline, refusal: verdict._tag === "Refusal" ? verdict : undefined }]
}

const offersOf = (key: Key): ReadonlyArray<Offer> => [
  ...requests.flatMap((name) => offerOf(key, name, false)),
  ...deadlines(key.snapshot).flatMap(({ kind }) => offerOf(key, kind, true))
]

const refusedUse = ({ snapshot }: Key, operation: "Encrypt" | "Decrypt"): Outcome | undefined => {
  const refusal = refusalOf(operation, snapshot)
  return refusal === undefined ? undefined : { _tag: "Refused", operation, refusal }
}

const encrypt = async (key: Key, text: string): Promise<Outcome> => {
  const refused = refusedUse(key, "Encrypt")
  if (refused !== undefined) return refused
  const { newestVersionId, primaryVersionId } = key.snapshot.context
  const sealed = await key.vault.seal(primaryVersionId ?? newestVersionId, new TextEncoder().encode(text))
  return sealed === undefined ? { _tag: "NotOpened" } : { _tag: "Encrypted", blob: encodeBase64(sealed) }
}

const decrypt = async (key: Key, blob: string): Promise<Outcome> => {
  const refused = refusedUse(key, "Decrypt")
  if (refused !== undefined) return refused
  const bytes = decodeBase64(blob)
  if (bytes === undefined) return { _tag: "NotOpened" }
  for (const version of key.vault.versions()) {
    const opened = await key.vault.unseal(version, bytes)
    if (opened !== undefined) return { _tag: "Decrypted", text: new TextDecoder().decode(opened) }
  }
  return { _tag: "NotOpened" }
}

/** Creates a key. `now` is the time of its creation. */
export const makePlayground = async (
  kind: Kind,
  now: number,
  randomness: Randomness["Service"]
): Promise<Playground> => {
  const keyId = randomness.uuid()
  const { next } = create(inputOf(kind, randomness.uuid(), now))
  const vault = makeVault(keyId, randomness)
  const key: Key = { keyId, randomness, vault, journal: [], snapshot: next, at: now }
  // The engine generates the first version of a key itself, before it creates the machine.
  if (next.context.materialPresent) await vault.generate(next.context.newestVersionId)
  write(key, "CreateKey", { type: "CreateKey", kind })
  return {
    keyId,
    snapshot: () => key.snapshot,
    now: () => key.at,
    journal: () => key.journal,
    offers: () => offersOf(key),
    send: (name) => send(key, name),
    encrypt: (text) => encrypt(key, text),
    decrypt: (blob) => decrypt(key, blob)
  }
}
