/** The proof of a signed request: what it must read, and why its answer may make the request invalid. */
import { Redacted, Result } from "effect"
import type { AccessKey, AccessKeys } from "../authorization/accessKeys.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { Proof } from "../proof/proofs.ts"
import type { EntryPoint } from "../requests/callUnderWay.ts"
import { stampRefusal } from "../wire/authenticate.ts"
import type { Authenticated } from "../wire/authenticate.ts"
import { nonceOf } from "../wire/replayGuard.ts"

type Request = Pick<Authenticated<AccessKey>, "credential" | "use">

/** Temporary credentials are in no list; every call checks that their role still exists. */
const isTemporary = ({ caller }: AccessKey): boolean => caller.kind === "role"

const credentialRefusal = (find: AccessKeys["Service"]["find"], signedBy: AccessKey): AnyKmsError | undefined => {
  if (isTemporary(signedBy)) return undefined
  const found = find(signedBy.accessKeyId, undefined, 0)
  if (Result.isFailure(found)) return refuse(found.failure)
  const { active, secret } = found.success
  if (!active) return refuse("InvalidAccessKeyId.Inactive")
  // An access key that was deleted and created again with the same id has another secret.
  return Redacted.value(secret) === Redacted.value(signedBy.secret) ? undefined : refuse("SignatureDoesNotMatch")
}

/** The store may have lost its record of the request, so it cannot tell whether the request was accepted before. */
const forgotten = (): AnyKmsError =>
  refuse("InvalidTimeStamp.Expired", {
    hint: "The store lost its memory of requests with this timestamp. Sign the request again."
  })

const refusalBy = (find: AccessKeys["Service"]["find"], { credential, use }: Request, proof: Proof) => {
  const { stampMillis } = use
  const refusal = stampRefusal(stampMillis, proof.now) ?? credentialRefusal(find, credential)
  if (refusal !== undefined) return refusal
  if (stampMillis < proof.era) return forgotten()
  return proof.isFresh ? undefined : refuse("SignatureNonceUsed")
}

export const entryPointOf = (find: AccessKeys["Service"]["find"], request: Request): EntryPoint => ({
  nonce: nonceOf(request.use),
  refusal: (proof) => refusalBy(find, request, proof)
})

/** Errors that access control or the clock of the store decides: they are final only if both are up to date here. */
const decidedByStore: ReadonlySet<AnyKmsError["code"]> = new Set([
  "InvalidAccessKeyId.NotFound",
  "InvalidAccessKeyId.Inactive",
  "InvalidSecurityToken.MismatchWithAccessKey",
  "SignatureDoesNotMatch",
  "InvalidTimeStamp.Expired"
])

/** Whether another engine may have changed the data behind the error. */
export const mayBeOutdated = ({ code }: AnyKmsError): boolean => decidedByStore.has(code)
