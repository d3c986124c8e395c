/** The secrets of each table, each with its identity, sealed under another root key. */
import { openSecret, sealSecret } from "../authorization/keyPairs.ts"
import { ownerOf } from "../authorization/ramTables.ts"
import { decodeReference, referenceIdentity, wrappingReferenceIdentity } from "../crypto/hsm/provider/references.ts"
import { materialIdentity, pairIdentity, wrappingIdentity } from "../crypto/seal.ts"
import type { RootKey } from "../crypto/seal.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import type { KeyId } from "../domain/ids.ts"
import { readRam, readSession, readVersion } from "../records/storedForm.ts"
import type { StoredRow } from "../records/storedRows.ts"

export interface RootKeys {
  readonly old: RootKey
  readonly new: RootKey
}

/** A secret that the old root key does not open: the store is damaged, or another program sealed it. */
export class Unopened extends Error {}

/** The secret, opened with the identity that fits. The caller wipes it. */
const opened = (rootKey: RootKey, sealed: Uint8Array, identities: ReadonlyArray<Uint8Array>) => {
  for (const identity of identities) {
    const plaintext = rootKey.open({ identity, sealed })
    if (plaintext !== undefined) return { identity, plaintext }
  }
  return undefined
}

/** The same secret with the same identity, under the new root key. `look` gets the plaintext. */
const resealed = (
  keys: RootKeys,
  sealed: Uint8Array,
  place: { readonly identities: ReadonlyArray<Uint8Array>; readonly of: string },
  look: (plaintext: Uint8Array) => void = () => undefined
): Uint8Array => {
  const found = opened(keys.old, sealed, place.identities)
  if (found === undefined) throw new Unopened(`${place.of} does not open under the old root key`)
  try {
    look(found.plaintext)
    return keys.new.seal(found)
  } finally {
    found.plaintext.fill(0)
  }
}

/** Receives the fingerprint of a key's material under the new root key. */
export type NoteFingerprint = (keyId: KeyId, fingerprint: string) => void

/** Software material, or the reference to an object of a token, whose check value represents its material. */
export const resealedVersion = (
  keys: RootKeys,
  row: StoredRow<"versions">,
  { spec, note }: { readonly spec: KeySpec; readonly note: NoteFingerprint | undefined }
): StoredRow<"versions"> => {
  const { keyId, keyVersionId, stored } = readVersion(row)
  if (stored === undefined) return row
  const { publicKey } = stored
  const place = { keyId, keyVersionId }
  const reference = referenceIdentity(place, spec, publicKey)
  const material = publicKey === undefined ? materialIdentity(place, spec) : pairIdentity(place, spec, publicKey)
  const isReference = keys.old.open({ identity: reference, sealed: stored.sealed }) !== undefined
  const look = (plaintext: Uint8Array): void => {
    const known = isReference ? decodeReference(plaintext)?.check : plaintext
    if (note !== undefined && known !== undefined) note(keyId, keys.new.fingerprint({ keyId, material: known }))
  }
  const sealed = resealed(
    keys,
    stored.sealed,
    { identities: [isReference ? reference : material], of: `the material of ${keyVersionId} of key ${keyId}` },
    look
  )
  return { ...row, sealed }
}

export const resealedSession = (keys: RootKeys, row: StoredRow<"importSessions">): StoredRow<"importSessions"> => {
  const { id, wrappingKeySpec: spec, sealed } = readSession(row)
  const identities = [wrappingIdentity({ id, spec }), wrappingReferenceIdentity(id)]
  return { ...row, sealed: resealed(keys, sealed, { identities, of: `the wrapping key of import session ${id}` }) }
}

interface SealedPair {
  readonly accessKeyId: string
  sealedSecret: string
}

const isSealedPair = (value: unknown): value is SealedPair =>
  typeof value === "object" &&
  value !== null &&
  typeof Reflect.get(value, "accessKeyId") === "string" &&
  typeof Reflect.get(value, "sealedSecret") === "string"

/** Changes the pair in place. */
const resealPair = (keys: RootKeys, owner: string, pair: SealedPair): void => {
  const { accessKeyId, sealedSecret } = pair
  const secret = openSecret(keys.old, { owner, accessKeyId }, sealedSecret)
  if (secret === undefined)
    throw new Unopened(`the secret of access key ${accessKeyId} does not open under the old root key`)
  pair.sealedSecret = sealSecret(keys.new, owner, { accessKeyId, secret })
}

/** The access keys in a record of access control. */
const pairsIn = (record: unknown): ReadonlyArray<SealedPair> => {
  const root: unknown = typeof record === "object" && record !== null ? Reflect.get(record, "root") : undefined
  const keys: unknown = typeof record === "object" && record !== null ? Reflect.get(record, "keys") : undefined
  return [root, ...(Array.isArray(keys) ? (keys as ReadonlyArray<unknown>) : [])].filter(isSealedPair)
}

export const resealedRam = (keys: RootKeys, row: StoredRow<"ram">): StoredRow<"ram"> => {
  const { account, kind, name } = readRam(row)
  if (kind !== "account" && kind !== "user") return row
  const record: unknown = JSON.parse(row.record)
  const pairs = pairsIn(record)
  for (const pair of pairs) resealPair(keys, ownerOf({ account, kind, name }), pair)
  return pairs.length === 0 ? row : { ...row, record: JSON.stringify(record) }
}

const rootPairName = /^accessKey\.root\.[0-9]+$/

/** The root access key of the server's own account is sealed without an owner. */
export const resealedMeta = (keys: RootKeys, row: StoredRow<"meta">): StoredRow<"meta"> => {
  if (!rootPairName.test(row.name)) return row
  const pair: unknown = JSON.parse(row.value)
  if (!isSealedPair(pair)) throw new Unopened(`the row ${row.name} is not an access key`)
  resealPair(keys, "", pair)
  return { ...row, value: JSON.stringify(pair) }
}
