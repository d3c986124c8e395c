/** The `KeyId` parameter: a key id, a key ARN, or an alias where the operation takes one. */
import { asciiText, required } from "./parameters.ts"

export const reference = asciiText({ charsMin: 1, charsMax: 512 })

/** For operations that take a key id or ARN only. */
export const keyId = required({ ...reference, form: "key id or ARN" }, "The CMK.")

/** For operations whose key may be named by an alias. */
export const keyIdOrAlias = required({ ...reference, form: "key id, ARN or alias" }, "The CMK.")
