/** The length of a key policy. Policies of access control have limits in characters; this one is in bytes. */
import { keyPolicyBytesMax } from "./limits.ts"

/** API, SetKeyPolicy, parameter Policy: the end of a sentence about a policy that is too long. */
export const keyPolicyLengthFault = (json: string): string | undefined =>
  json.length > keyPolicyBytesMax || Buffer.byteLength(json) > keyPolicyBytesMax
    ? `is longer than ${keyPolicyBytesMax} bytes`
    : undefined
