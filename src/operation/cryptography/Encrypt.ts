/** Encrypts up to 6 KB under the primary version of a CMK. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { dryRun } from "../parameters.ts"
import { encryptionContext, plaintext, sealWith, toBytes } from "./symmetric.ts"

export const Encrypt = keyOperation({
  about: "Encrypts up to 6 KB under the primary version of a CMK.",
  errors: ["Forbidden.AliasNotFound", ...refusalCodes.Encrypt, "Rejected.LimitExceeded"],
  uses: true,
  Request: { KeyId: keyIdOrAlias, Plaintext: plaintext, EncryptionContext: encryptionContext, DryRun: dryRun },
  permission: { on: "key", alias: true },
  handle: (request, _call, key) => sealWith(key, "Encrypt", toBytes(request.Plaintext), request.EncryptionContext)
})
