/** Shared by the four asymmetric operations: the version, the algorithm, and one error for cryptographic failures. */
import { Effect } from "effect"
import type { KeyOperation } from "../../../machines/permits.ts"
import { specOf } from "../../actor/handles.ts"
import type { Opened } from "../../actor/handles.ts"
import type { KeyActor } from "../../actor/keyActor.ts"
import type { UseError } from "../../actor/keyErrors.ts"
import type { KeyVersionId } from "../../domain/ids.ts"
import type { CryptoFailed } from "../../crypto/provider.ts"
import {
  digestBytes,
  EncryptionAlgorithm,
  encryptionAlgorithmsOf,
  SignatureAlgorithm,
  signatureAlgorithmsOf
} from "../../domain/algorithms.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import type { KeySpec } from "../../domain/keySpec.ts"
import { asymmetricCharsMax } from "../../domain/limits.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import { keyVersionId, versionOf } from "../versions/keyVersions.ts"
import type { CallServices } from "../operation.ts"
import { dryRun, foldedBase64, invalid, oneOf, required } from "../parameters.ts"
import { usingRefusal } from "./symmetric.ts"
import type { CryptoError } from "./symmetric.ts"

const content = foldedBase64({ charsMax: asymmetricCharsMax })

const addressed = { KeyId: keyIdOrAlias, KeyVersionId: keyVersionId } as const

export const encryptionParameters = {
  ...addressed,
  Algorithm: required(oneOf(EncryptionAlgorithm.literals), "The encryption algorithm."),
  DryRun: dryRun
} as const

export const signatureParameters = {
  ...addressed,
  Algorithm: required(oneOf(SignatureAlgorithm.literals), "The signature algorithm."),
  Digest: required(content, "The digest to sign: 32 bytes, by the hash function of the algorithm."),
  DryRun: dryRun
} as const

export const asymmetricContent = (about: string) => required(content, about)

interface Use<Operation extends KeyOperation, A> {
  readonly operation: Operation
  readonly keyVersionId: string
  /** The parameter that the error names when the provider rejects the input. */
  readonly parameter: string
  readonly work: (opened: Opened) => Effect.Effect<A, CryptoFailed>
}

/** Uses a version of an asymmetric key. The caller has checked state and usage. */
export const useVersion = <Operation extends KeyOperation, A>(
  services: CallServices,
  key: KeyActor,
  { operation, keyVersionId, parameter, work }: Use<Operation, A>
): Effect.Effect<A, UseError<Operation, KeyVersionId> | CryptoError> =>
  Effect.flatMap(versionOf(services, key, keyVersionId), (version) =>
    Effect.mapError(key.use(operation, version.keyVersionId, work), usingRefusal(parameter))
  )

const takes = <Algorithm extends string>(
  key: KeyActor,
  asked: { readonly algorithm: Algorithm; readonly parameter: string },
  algorithmsOf: (spec: KeySpec) => ReadonlyArray<Algorithm>
): Effect.Effect<void, ErrorOf<"InvalidParameter">> => {
  const spec = specOf(key.snapshot().context)
  const known = algorithmsOf(spec)
  return known.includes(asked.algorithm)
    ? Effect.void
    : Effect.fail(invalid(asked.parameter, `${known.join(" or ")} for a key of spec ${spec}`))
}

export const takesEncryption = (
  key: KeyActor,
  algorithm: EncryptionAlgorithm,
  parameter = "Algorithm"
): Effect.Effect<void, ErrorOf<"InvalidParameter">> => takes(key, { algorithm, parameter }, encryptionAlgorithmsOf)

export const takesSignatureAlgorithm = (
  key: KeyActor,
  algorithm: SignatureAlgorithm
): Effect.Effect<void, ErrorOf<"InvalidParameter">> =>
  takes(key, { algorithm, parameter: "Algorithm" }, signatureAlgorithmsOf)

/** User guide 5.3: the digest must be of the algorithm's own hash function. Its length is always 32 bytes here. */
export const takesSignature = (
  key: KeyActor,
  request: { readonly Algorithm: SignatureAlgorithm; readonly Digest: Uint8Array }
): Effect.Effect<void, ErrorOf<"InvalidParameter">> =>
  Effect.andThen(
    takesSignatureAlgorithm(key, request.Algorithm),
    request.Digest.length === digestBytes
      ? Effect.void
      : Effect.fail(invalid("Digest", `a digest of ${digestBytes} bytes`))
  )
