/** Names and ids: keys, versions, accounts, regions, access keys, aliases and their ARNs. */
import { Schema } from "effect"

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** A customer master key's id: a UUID in lower case. */
export const KeyId = Schema.String.check(Schema.isPattern(uuid)).pipe(Schema.brand("KeyId"))
export type KeyId = typeof KeyId.Type

/** A key version's id: a UUID in lower case. */
export const KeyVersionId = Schema.String.check(Schema.isPattern(uuid)).pipe(Schema.brand("KeyVersionId"))
export type KeyVersionId = typeof KeyVersionId.Type

/** An account: up to 16 digits. */
export const AccountId = Schema.String.check(Schema.isPattern(/^[0-9]{1,16}$/)).pipe(Schema.brand("AccountId"))
export type AccountId = typeof AccountId.Type

/** A region, as the vendor spells it: `cn-hangzhou`. */
export const RegionId = Schema.String.check(Schema.isPattern(/^[a-z]{2}-[a-z0-9-]{2,40}$/)).pipe(
  Schema.brand("RegionId")
)
export type RegionId = typeof RegionId.Type

/** Tests the schema's pattern directly, for speed: every request for a key calls this. */
export const isKeyId = (given: unknown): given is KeyId => typeof given === "string" && uuid.test(given)
export const isKeyVersionId = (given: unknown): given is KeyVersionId => typeof given === "string" && uuid.test(given)
export const isAccountId = Schema.is(AccountId)
export const isRegionId = Schema.is(RegionId)

/** The account and region of a key. Neither can change, and no operation crosses them. */
export interface Realm {
  readonly account: AccountId
  readonly region: RegionId
}

export const keyArn = (realm: Realm, keyId: string): string => `acs:kms:${realm.region}:${realm.account}:key/${keyId}`

export const aliasArn = (realm: Realm, aliasName: string): string =>
  `acs:kms:${realm.region}:${realm.account}:${aliasName}`

/** The 16 bytes of a UUID's text. The text must be well formed: ids are parsed when they enter the service. */
export const uuidToBytes = (id: string): Uint8Array => {
  const hex = id.replaceAll("-", "")
  const bytes = new Uint8Array(16)
  for (let i = 0; i < 16; i++) bytes[i] = Number.parseInt(hex.slice(i * 2, i * 2 + 2), 16)
  return bytes
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"))

/** A UUID's text from 16 bytes at `offset`. */
export const uuidFromBytes = (bytes: Uint8Array, offset = 0): string => {
  let text = ""
  for (let i = 0; i < 16; i++) {
    if (i === 4 || i === 6 || i === 8 || i === 10) text += "-"
    text += hexOf[bytes[offset + i] ?? 0]
  }
  return text
}

// The text of any 16 bytes is a UUID, so it need not be checked again.
export const keyIdFromBytes = (bytes: Uint8Array, offset: number): KeyId => uuidFromBytes(bytes, offset) as KeyId
export const keyVersionIdFromBytes = (bytes: Uint8Array, offset: number): KeyVersionId =>
  uuidFromBytes(bytes, offset) as KeyVersionId
