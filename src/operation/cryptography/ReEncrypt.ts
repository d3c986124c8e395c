/** Decrypts a ciphertext and encrypts its content under another key or version, inside the service. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { EncryptionAlgorithm } from "../../domain/algorithms.ts"
import { encodeBase64 } from "../../encoding/base64.ts"
import type { UseError } from "../../actor/keyErrors.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import type { KeyVersionId } from "../../domain/ids.ts"
import type { CryptoError } from "./symmetric.ts"
import type { EncryptionContext } from "../../domain/encryptionContext.ts"
import { takesEncryption, useVersion } from "./asymmetric.ts"
import { reference } from "../keyReference.ts"
import { operation } from "../operation.ts"
import type { Call } from "../operation.ts"
import { asciiText, dryRun, missing, oneOf, optional, required } from "../parameters.ts"
import { ciphertextBlob, encryptionContext, sealWith, targetOf, toBytes, unsealWith } from "./symmetric.ts"

interface ReEncryptRequest {
  readonly CiphertextBlob: Uint8Array
  readonly SourceKeyId: string | undefined
  readonly SourceKeyVersionId: string | undefined
  readonly SourceEncryptionAlgorithm: EncryptionAlgorithm | undefined
  readonly SourceEncryptionContext: EncryptionContext | undefined
}

/** The key version and algorithm that decrypt a ciphertext made under a public key. */
interface Pair {
  readonly reference: string
  readonly version: string
  readonly algorithm: EncryptionAlgorithm
}

const pairIn = (request: ReEncryptRequest): Pair | undefined => {
  const { SourceKeyId: reference, SourceKeyVersionId: version, SourceEncryptionAlgorithm: algorithm } = request
  return reference === undefined || version === undefined || algorithm === undefined
    ? undefined
    : { reference, version, algorithm }
}

/** If one of the three source parameters is given, all of them are required. */
const conflict = (request: ReEncryptRequest): ErrorOf<"MissingParameter"> | undefined => {
  if (request.SourceKeyId === undefined) return undefined
  if (request.SourceKeyVersionId === undefined) return missing("SourceKeyVersionId")
  return request.SourceEncryptionAlgorithm === undefined ? missing("SourceEncryptionAlgorithm") : undefined
}

/**
 * The content to encrypt again, and the version that decrypted it. It is decrypted only after the destination was
 * checked.
 */
interface Source {
  readonly keyId: string
  readonly keyVersionId: string
  readonly open: Effect.Effect<Uint8Array, UseError<"ReEncrypt(source)", KeyVersionId> | CryptoError>
}

const action = "kms:ReEncryptFrom"

const symmetricSource = Effect.fnUntraced(function* (request: ReEncryptRequest, call: Call) {
  const { keyId, keyVersionId } = yield* targetOf(request.CiphertextBlob)
  const key = yield* call.keyById(keyId, action)
  yield* key.gate("ReEncrypt(source)")
  const { CiphertextBlob, SourceEncryptionContext } = request
  const source: Source = {
    keyId,
    keyVersionId,
    open: Effect.suspend(() =>
      unsealWith(key, "ReEncrypt(source)", { blob: CiphertextBlob, keyVersionId }, SourceEncryptionContext)
    )
  }
  return source
})

/**
 * A ciphertext made under a public key does not name its key: version and algorithm must be given. Its content is
 * bytes; a symmetric key seals their Base64 text, as for every data key (API, ReEncrypt).
 */
const asymmetricSource = Effect.fnUntraced(function* (request: ReEncryptRequest, pair: Pair, call: Call) {
  const { version, algorithm } = pair
  const key = yield* call.key(pair.reference, action, { alias: true })
  yield* key.gate("ReEncrypt(source)")
  yield* takesEncryption(key, algorithm, "SourceEncryptionAlgorithm")
  const source: Source = {
    keyId: key.keyId,
    keyVersionId: version,
    open: useVersion(call.services, key, {
      operation: "ReEncrypt(source)",
      keyVersionId: version,
      parameter: "CiphertextBlob",
      work: ({ handle, provider }) => provider.decrypt({ handle, algorithm, ciphertext: request.CiphertextBlob })
    }).pipe(
      Effect.map((bytes) => {
        const sealed = toBytes(encodeBase64(bytes))
        bytes.fill(0)
        return sealed
      })
    )
  }
  return source
})

export const ReEncrypt = operation({
  about: "Decrypts a ciphertext and encrypts its content under another CMK or the newest version, inside the service.",
  errors: [
    "Forbidden.AliasNotFound",
    ...refusalCodes["ReEncrypt(source)"],
    "Forbidden.KeyVersionNotFound",
    "Rejected.LimitExceeded"
  ],
  uses: true,
  Request: {
    CiphertextBlob: ciphertextBlob,
    SourceKeyId: optional(
      { ...reference, form: "key id, ARN or alias" },
      "The CMK that decrypts; only for a ciphertext made under a public key."
    ),
    SourceKeyVersionId: optional(
      asciiText({ charsMin: 1, charsMax: 64 }),
      "The version that decrypts; required with SourceKeyId."
    ),
    SourceEncryptionAlgorithm: optional(
      oneOf(EncryptionAlgorithm.literals),
      "The algorithm of the ciphertext; required with SourceKeyId."
    ),
    SourceEncryptionContext: encryptionContext,
    DestinationKeyId: required({ ...reference, form: "key id, ARN or alias" }, "The CMK to encrypt under."),
    DestinationEncryptionContext: encryptionContext,
    DryRun: dryRun
  },
  conflict,
  permission: {
    on: "found",
    says: "`kms:ReEncryptFrom` on the source key and `kms:ReEncryptTo` on the destination key",
    checks: [
      { of: "key", alias: true, action, gate: "ReEncrypt(source)" },
      { of: "destination", alias: true, action: "kms:ReEncryptTo", gate: "ReEncrypt(destination)" }
    ]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const pair = pairIn(request)
    const source = yield* pair === undefined ? symmetricSource(request, call) : asymmetricSource(request, pair, call)
    const destination = yield* call.key(request.DestinationKeyId, "kms:ReEncryptTo", { alias: true })
    yield* destination.gate("ReEncrypt(destination)")
    const bytes = yield* source.open
    const sealed = yield* sealWith(
      destination,
      "ReEncrypt(destination)",
      bytes,
      request.DestinationEncryptionContext
    ).pipe(Effect.ensuring(Effect.sync(() => bytes.fill(0))))
    // The reply names the key that decrypted the source, as the API documents it.
    return { CiphertextBlob: sealed.CiphertextBlob, KeyId: source.keyId, KeyVersionId: source.keyVersionId }
  })
})
