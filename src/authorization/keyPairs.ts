/** Access key pairs: drawn evenly, and sealed under the root key for their owner. */
import { Redacted } from "effect"
import type { RootKey } from "../crypto/seal.ts"
import { decodeBase64, encodeBase64 } from "../encoding/base64.ts"
import type { Randomness } from "../platform/services.ts"
import type { AccessKeyPair } from "./accessControl.ts"
import { drawn, drawnDigits } from "../ram/ids.ts"

/** The vendor's prefixes of long-lived and temporary access keys. */
export const newPair = (randomness: Randomness["Service"], prefix: "LTAI" | "STS."): AccessKeyPair => ({
  accessKeyId: `${prefix}${drawn(randomness, 20)}`,
  secret: redactSecret(drawn(randomness, 30))
})

/** Sixteen digits, as in the vendor's account ids. */
export const newAccountDigits = (randomness: Randomness["Service"]): string => `1${drawnDigits(randomness, 15)}`

export const redactSecret = (secret: string): Redacted.Redacted<string> =>
  Redacted.make(secret, { label: "AccessKeySecret" })

/** The owner that the secret of an access key is sealed for. It opens for no other owner. */
export interface SecretPlace {
  readonly owner: string
  readonly accessKeyId: string
}

const utf8 = new TextEncoder()
const label = "access-key"
const placeId = ({ owner, accessKeyId }: SecretPlace): string =>
  owner === "" ? accessKeyId : `${owner} ${accessKeyId}`

export const sealSecret = (rootKey: RootKey, owner: string, { accessKeyId, secret }: AccessKeyPair): string => {
  const plaintext = utf8.encode(Redacted.value(secret))
  const sealed = rootKey.sealSecret({ label, id: placeId({ owner, accessKeyId }), plaintext })
  plaintext.fill(0)
  return encodeBase64(sealed)
}

/** Undefined unless it was sealed for this owner under this root key. */
export const openSecret = (
  rootKey: RootKey,
  place: SecretPlace,
  sealedSecret: string
): Redacted.Redacted<string> | undefined => {
  const sealed = decodeBase64(sealedSecret)
  const bytes = sealed === undefined ? undefined : rootKey.openSecret({ label, id: placeId(place), sealed })
  if (bytes === undefined) return undefined
  const secret = redactSecret(new TextDecoder().decode(bytes))
  bytes.fill(0)
  return secret
}
