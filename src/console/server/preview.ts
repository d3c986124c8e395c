/** The answers that one operation on several keys would get, decided by the functions that decide real calls. */
import { Effect } from "effect"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { KeyId } from "../../domain/ids.ts"
import { explainTo } from "../../requests/explain.ts"
import type { Permitted, Preview, Refusal } from "../protocol.ts"
import { byContent, permittedOf } from "./allowed.ts"
import type { AllowedBy } from "./allowed.ts"
import type { Asker } from "./asker.ts"

/** The most keys in one preview. */
export const previewMax = 100

const refusalIn = ({ allowed, code = "", hint, httpStatus = 0 }: Permitted, principal: string): Refusal | undefined => {
  if (allowed) return undefined
  return { code, message: hint ?? `${principal} is not permitted to do this.`, httpStatus }
}

const previewOf = Effect.fnUntraced(function* (by: AllowedBy, asker: Asker, operation: string, keyId: KeyId) {
  const question = {
    operation,
    keyId,
    destinationKeyId: keyId,
    aliasName: undefined,
    sourceIp: asker.circumstances.sourceIp
  }
  const answer = yield* explainTo(by.explainer, asker.realm, asker.caller, question)
  const permitted = permittedOf(operation, answer)
  const key = permitted.allowed ? yield* by.explainer.directory.find(asker.realm, keyId) : undefined
  const decided = key === undefined ? permitted : (byContent(operation, key, by.now()) ?? permitted)
  const refusal = refusalIn(decided, answer.principal)
  const preview: Preview = { keyId, ...(refusal === undefined ? {} : { refusal }) }
  return preview
})

/** One audit record for all keys. A key that the caller may not view has the answer of the permission check. */
export const previews = (
  by: AllowedBy,
  asker: Asker,
  operation: string,
  keyIds: ReadonlyArray<KeyId>
): Effect.Effect<{ readonly previews: ReadonlyArray<Preview> }, AnyKmsError> =>
  Effect.gen(function* () {
    yield* asker.lookAt(`preview of ${operation} for ${keyIds.length} keys of ${asker.realm.region}`)
    return { previews: yield* Effect.forEach(keyIds, (keyId) => previewOf(by, asker, operation, keyId)) }
  })
