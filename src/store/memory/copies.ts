/** Copies that share nothing with their originals, so that no caller can reach into the store. */
import { decodeMetadata, decodePayload, decodeSnapshot } from "../../records/schemas.ts"
import type { Change, HashedEntry, KeyRow, VersionRow } from "../../records/rows.ts"

const freeze = <A>(value: A): A => {
  if (typeof value !== "object" || value === null || Object.isFrozen(value)) return value
  for (const member of Object.values(value)) freeze(member)
  return Object.freeze(value)
}

/** The key as the change leaves it, by way of the same text as a store on disk: what would not survive there fails here. */
export const keyAfter = ({ keyId, realm, snapshot, metadata }: Change, head: string): KeyRow =>
  freeze({
    keyId,
    realm: { ...realm },
    metadata: decodeMetadata(`the metadata of key ${keyId}`, JSON.stringify(metadata)),
    snapshot: decodeSnapshot(`the snapshot of key ${keyId}`, JSON.stringify(snapshot)),
    head
  })

export const entryOf = ({ keyId, entry }: Change, previous: string, hash: string): HashedEntry => {
  const { seq, at, principal, requestId } = entry
  const payload = decodePayload(`event ${seq} of key ${keyId}`, JSON.stringify(entry.payload))
  return freeze({ keyId, seq, at, principal, requestId, payload, previous, hash })
}

const copyOf = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes)

/** Bytes cannot be frozen: they are copied on the way in and on the way out. */
export const versionOf = ({ keyId, keyVersionId, createdAt, stored }: VersionRow): VersionRow => ({
  keyId,
  keyVersionId,
  createdAt,
  stored:
    stored === undefined
      ? undefined
      : {
          sealed: copyOf(stored.sealed),
          publicKey: stored.publicKey === undefined ? undefined : copyOf(stored.publicKey)
        }
})

/** Erased bytes are overwritten, not left to the garbage collector. */
export const wipe = ({ stored }: VersionRow): void => {
  stored?.sealed.fill(0)
}
