/** Parses a `KeyId` parameter: an id, an ARN, or an alias. */
import { aliasArn, isKeyId, keyArn } from "../domain/ids.ts"
import type { KeyId, Realm } from "../domain/ids.ts"

export type Reference =
  | { readonly _tag: "Key"; readonly keyId: KeyId }
  | { readonly _tag: "Alias"; readonly aliasName: string }
  /** Text that cannot name a key of this realm. */
  | { readonly _tag: "Unknown" }

const aliasPrefix = "alias/"

export const parseReference = (realm: Realm, text: string): Reference => {
  if (isKeyId(text)) return { _tag: "Key", keyId: text }
  if (text.startsWith(aliasPrefix)) return { _tag: "Alias", aliasName: text }
  const keyPrefix = keyArn(realm, "")
  if (text.startsWith(keyPrefix)) {
    const keyId = text.slice(keyPrefix.length)
    return isKeyId(keyId) ? { _tag: "Key", keyId } : { _tag: "Unknown" }
  }
  const aliasArnPrefix = aliasArn(realm, aliasPrefix)
  return text.startsWith(aliasArnPrefix)
    ? { _tag: "Alias", aliasName: aliasPrefix + text.slice(aliasArnPrefix.length) }
    : { _tag: "Unknown" }
}
