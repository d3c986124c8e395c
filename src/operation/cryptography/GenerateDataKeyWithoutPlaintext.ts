/** Makes a data key and returns it only in encrypted form. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyOperation } from "../operation.ts"
import { dataKeyConflict, dataKeyParameters, makeDataKey } from "./dataKey.ts"

export const GenerateDataKeyWithoutPlaintext = keyOperation({
  about: "Makes a data key and returns it encrypted under a CMK, never in plaintext.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.GenerateDataKeyWithoutPlaintext, "Rejected.LimitExceeded"],
  uses: true,
  Request: dataKeyParameters,
  conflict: dataKeyConflict,
  permission: { on: "key", alias: true },
  handle: (request, call, key) =>
    Effect.mapEager(
      makeDataKey(call, key, "GenerateDataKeyWithoutPlaintext", request),
      ({ CiphertextBlob, KeyId, KeyVersionId }) => ({
        CiphertextBlob,
        KeyId,
        KeyVersionId
      })
    )
})
