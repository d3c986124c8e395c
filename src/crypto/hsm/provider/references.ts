/** The stored reference to a key in a token: its object, sealed for its row. It never has material. */
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js"
import { encodeBase64 } from "../../../encoding/base64.ts"
import { canonicalContext } from "../../../domain/encryptionContext.ts"
import { uuidToBytes } from "../../../domain/ids.ts"
import type { KeySpec } from "../../../domain/keySpec.ts"
import type { MaterialRow } from "../../provider.ts"
import type { ObjectName } from "../protocol.ts"

/**
 * The prefix of labels. The tag belongs to the store: two stores may share a token, and each sees only its own objects.
 */
export const labelPrefix = (tag: string): string => `keystate:${tag}:`

const keyLabelPrefix = (tag: string, { keyId }: MaterialRow): string => `${labelPrefix(tag)}${keyId}:`

/** All objects of one version: two while material is imported again. */
export const versionPlace = (tag: string, row: MaterialRow) => ({
  id: uuidToBytes(row.keyVersionId),
  labelPrefix: keyLabelPrefix(tag, row)
})

/** CKA_ID is the version's id. The label has the key's id and a random word for each object. */
export const versionName = (tag: string, row: MaterialRow, instance: string): ObjectName => ({
  id: uuidToBytes(row.keyVersionId),
  label: `${keyLabelPrefix(tag, row)}${instance}`
})

export const wrappingName = (tag: string, id: string): ObjectName => ({
  id: uuidToBytes(id),
  label: `${labelPrefix(tag)}import`
})

export interface Reference {
  /** Eight hexadecimal digits. */
  readonly instance: string
  /** For a secret key, a block encrypted by it; empty for a pair, which its public key identifies. */
  readonly check: Uint8Array
}

const referenceVersion = 0x01
const instanceBytes = 4
const checkAt = 1 + instanceBytes

export const encodeReference = ({ instance, check }: Reference): Uint8Array =>
  Uint8Array.of(referenceVersion, ...hexToBytes(instance), ...check)

export const decodeReference = (bytes: Uint8Array): Reference | undefined =>
  bytes[0] === referenceVersion && bytes.length >= checkAt
    ? { instance: bytesToHex(bytes.slice(1, checkAt)), check: bytes.slice(checkAt) }
    : undefined

/** References and material have different identities, so that neither is accepted in place of the other. */
export const referenceIdentity = (row: MaterialRow, spec: KeySpec, publicKey: Uint8Array | undefined): Uint8Array =>
  canonicalContext(
    new Map([
      ["purpose", "token object"],
      ["keyId", row.keyId],
      ["keyVersionId", row.keyVersionId],
      ["spec", spec],
      ...(publicKey === undefined ? [] : [["publicKey", encodeBase64(publicKey)] as const])
    ])
  )

export const wrappingReferenceIdentity = (id: string): Uint8Array =>
  canonicalContext(
    new Map([
      ["purpose", "token wrapping key"],
      ["id", id]
    ])
  )

export const instanceOf = (drawn: Uint8Array): string => bytesToHex(drawn.slice(0, instanceBytes))
