/** Wraps a data key for another party's public key, so that it never crosses the network in plaintext. */
import { Effect } from "effect"
import type { CryptoProvider } from "../../crypto/provider.ts"
import { WrappingAlgorithm, WrappingKeySpec, wrappingAlgorithmsOf, wrappedBytesMaxOf } from "../../domain/algorithms.ts"
import { decodeBase64, encodeBase64 } from "../../encoding/base64.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import { publicKeyCharsMax } from "../../domain/limits.ts"
import { foldedBase64, invalid, oneOf, required } from "../parameters.ts"
import { cryptoRefusal } from "./symmetric.ts"
import type { CryptoError } from "./symmetric.ts"

export const exportParameters = {
  PublicKeyBlob: required(
    foldedBase64({ charsMax: publicKeyCharsMax }),
    "The receiver's public key: Base64 of DER SubjectPublicKeyInfo."
  ),
  WrappingAlgorithm: required(oneOf(WrappingAlgorithm.literals), "The wrapping algorithm."),
  WrappingKeySpec: required(oneOf(WrappingKeySpec.literals), "The spec of the public key.")
} as const

export interface ExportRequest {
  readonly PublicKeyBlob: Uint8Array
  readonly WrappingAlgorithm: WrappingAlgorithm
  readonly WrappingKeySpec: WrappingKeySpec
}

/** The fault of a wrapping algorithm for a key spec, in an import or an export. */
export const wrappingConflict = ({ WrappingKeySpec, WrappingAlgorithm }: Omit<ExportRequest, "PublicKeyBlob">) => {
  const known = wrappingAlgorithmsOf(WrappingKeySpec)
  return known.includes(WrappingAlgorithm)
    ? undefined
    : invalid("WrappingAlgorithm", `${known.join(" or ")} for ${WrappingKeySpec}`)
}

/**
 * Wraps the bytes of a data key, and wipes them. A key that is too long for the algorithm is a fault of the parameter
 * `blame`, which decided the length. All other failures are faults of the public key.
 */
export const wrapDataKey = (
  provider: CryptoProvider,
  request: ExportRequest,
  { dataKey, blame }: { readonly dataKey: Uint8Array; readonly blame: string }
): Effect.Effect<string, CryptoError> =>
  Effect.suspend(() => {
    const bytesMax = wrappedBytesMaxOf(request.WrappingKeySpec, request.WrappingAlgorithm)
    if (dataKey.length > bytesMax) {
      return Effect.fail(invalid(blame, `a data key of at most ${bytesMax} bytes for this way of wrapping`))
    }
    return provider
      .wrap({
        publicKey: request.PublicKeyBlob,
        keySpec: request.WrappingKeySpec,
        algorithm: request.WrappingAlgorithm,
        plaintext: dataKey
      })
      .pipe(
        Effect.map(encodeBase64),
        Effect.mapError((failure) => cryptoRefusal(failure, "PublicKeyBlob"))
      )
  }).pipe(Effect.ensuring(Effect.sync(() => dataKey.fill(0))))

/** Reads the bytes of a data key from the sealed text. Other content cannot be exported as a data key. */
export const dataKeyIn = (text: string): Effect.Effect<Uint8Array, ErrorOf<"InvalidParameter">> => {
  const bytes = decodeBase64(text)
  return bytes === undefined || bytes.length === 0
    ? Effect.fail(invalid("CiphertextBlob", "an encrypted data key"))
    : Effect.succeed(bytes)
}
