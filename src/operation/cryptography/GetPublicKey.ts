/** Returns the public key of an asymmetric version. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { pem } from "../../encoding/pem.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyVersionId, versionOf } from "../versions/keyVersions.ts"
import { keyOperation } from "../operation.ts"
import { dryRun } from "../parameters.ts"

export const GetPublicKey = keyOperation({
  about: "Returns the public key of an asymmetric version, as PEM.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.GetPublicKey, "Forbidden.KeyVersionNotFound"],
  uses: true,
  Request: { KeyId: keyIdOrAlias, KeyVersionId: keyVersionId, DryRun: dryRun },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { services }, key) {
    yield* key.gate("GetPublicKey")
    const { stored, keyVersionId } = yield* versionOf(services, key, request.KeyVersionId)
    yield* key.gate("GetPublicKey")
    if (stored?.publicKey === undefined) return yield* Effect.die(new Error("an asymmetric version has a public key"))
    return { KeyId: key.keyId, KeyVersionId: keyVersionId, PublicKey: pem("PUBLIC KEY", stored.publicKey) }
  })
})
