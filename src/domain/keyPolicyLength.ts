/** The length limit of a key policy. It counts bytes; the limits of RAM policies count characters. */
import { keyPolicyBytesMax } from "./limits.ts"

/** API, SetKeyPolicy, parameter Policy: the fault of a policy that is too long, as the end of a sentence. */
export const keyPolicyLengthFault = (json: string): string | undefined =>
  json.length > keyPolicyBytesMax || Buffer.byteLength(json) > keyPolicyBytesMax
    ? `is longer than ${keyPolicyBytesMax} bytes`
    : undefined
