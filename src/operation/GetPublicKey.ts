/** Gives out the public key of an asymmetric version. */
import { Effect } from "effect"
import { encodeBase64 } from "../domain/base64.ts"
import { keyIdOrAlias } from "./keyReference.ts"
import { keyVersionId, versionOf } from "./keyVersions.ts"
import { keyOperation } from "./operation.ts"

export const GetPublicKey = keyOperation({
  about: "Gives out the public key of an asymmetric version, as PEM.",
  uses: true,
  Request: { KeyId: keyIdOrAlias, KeyVersionId: keyVersionId },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { world }, key) {
    yield* key.gate("GetPublicKey")
    const { stored, keyVersionId } = yield* versionOf(world, key, request.KeyVersionId)
    if (stored?.publicKey === undefined) return yield* Effect.die(new Error("an asymmetric version has a public key"))
    yield* key.gate("GetPublicKey")
    return { KeyId: key.keyId, KeyVersionId: keyVersionId, PublicKey: pem(stored.publicKey) }
  })
})

/** RFC 7468, section 13: lines of 64 characters, the last line ended. */
const pem = (der: Uint8Array): string => {
  const lines = encodeBase64(der).match(/.{1,64}/g) ?? []
  return ["-----BEGIN PUBLIC KEY-----", ...lines, "-----END PUBLIC KEY-----", ""].join("\n")
}
