/** Makes a data key and returns it in plaintext and encrypted. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyOperation } from "../operation.ts"
import { recipient } from "../parameters.ts"
import { dataKeyConflict, dataKeyParameters, makeDataKey } from "./dataKey.ts"

export const GenerateDataKey = keyOperation({
  about: "Makes a data key and returns it in plaintext and encrypted under a CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.GenerateDataKey, "Rejected.LimitExceeded"],
  uses: true,
  Request: { Recipient: recipient, ...dataKeyParameters },
  conflict: dataKeyConflict,
  permission: { on: "key", alias: true },
  handle: (request, call, key) => makeDataKey(call, key, "GenerateDataKey", request)
})
