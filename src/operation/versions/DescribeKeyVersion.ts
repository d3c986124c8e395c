/** Shows a version of a CMK. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyVersionId, keyVersionReply, versionOf } from "./keyVersions.ts"
import { keyOperation } from "../operation.ts"

export const DescribeKeyVersion = keyOperation({
  about: "Shows a version of a CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.DescribeKeyVersion, "Forbidden.KeyVersionNotFound"],
  Request: { KeyId: keyIdOrAlias, KeyVersionId: keyVersionId },
  permission: { on: "key", alias: true },
  handle: Effect.fnUntraced(function* (request, { services }, key) {
    yield* key.gate("DescribeKeyVersion")
    return { KeyVersion: keyVersionReply(yield* versionOf(services, key, request.KeyVersionId)) }
  })
})
