/** Shared by Encrypt and similar operations: text in, blob out, and one error for every fault of a blob. */
import { Effect } from "effect"
import type { KeyOperation } from "../../../machines/permits.ts"
import { specOf } from "../../actor/handles.ts"
import type { KeyActor } from "../../actor/keyActor.ts"
import type { UseError } from "../../actor/keyErrors.ts"
import { blobTarget } from "../../crypto/blob.ts"
import type { CryptoFailed, CryptoProvider } from "../../crypto/provider.ts"
import { shortAsciiBytes, shortAsciiText } from "../../encoding/ascii.ts"
import { decodeBase64, encodeBase64 } from "../../encoding/base64.ts"
import { canonicalContext } from "../../domain/encryptionContext.ts"
import type { EncryptionContext } from "../../domain/encryptionContext.ts"
import { refuse } from "../../domain/errors.ts"
import type { ServiceError } from "../../domain/errorGroups.ts"
import type { AnyKmsError, ErrorOf } from "../../domain/errors.ts"
import type { KeyVersionId } from "../../domain/ids.ts"
import { ciphertextBlobCharsMax, plaintextBytesMax } from "../../domain/limits.ts"
import type { CallServices } from "../operation.ts"
import {
  asBytes,
  base64,
  context,
  invalid,
  optional,
  required,
  requiredMaybeEmpty,
  text,
  textFault,
  wireBytesPerAsciiChar
} from "../parameters.ts"
import type { Kind } from "../parameters.ts"

const noContext = new Uint8Array(0)
const utf8 = new TextEncoder()
const utf8Strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })

export const encryptionContext = optional(context, "Authenticated with the data; Decrypt needs the same value.")

export const ciphertextBlob = required(base64({ charsMax: ciphertextBlobCharsMax }), "The blob to decrypt.")

/** Base64 of 6 KB. */
const plaintextCharsMax = Math.ceil(plaintextBytesMax / 3) * 4

/** The most UTF-8 bytes of one UTF-16 unit. Text below the resulting limit need not be measured. */
const utf8BytesOfUnitMax = 3

const plaintextText = text({ charsMax: plaintextCharsMax })

const plaintextFault = (given: unknown): string | undefined => {
  const decoded = typeof given === "string" ? decodeBase64(given) : undefined
  if (decoded !== undefined) return `stands for ${decoded.length} bytes; the limit is ${plaintextBytesMax} bytes`
  const fault = textFault(given, { charsMax: plaintextCharsMax })
  if (fault !== undefined) return fault
  return `is not Base64 text, and its own length is ${utf8.encode(String(given)).length} bytes; the limit is ${plaintextBytesMax} bytes`
}

/**
 * The vendor encrypts the text of `Plaintext` as it was sent and returns the same text, Base64 or not. Only the length
 * is limited: of the decoded bytes, or else of the text. Empty data is allowed.
 */
const data: Kind<string | Uint8Array, string> = {
  read: (given) => {
    const read = plaintextText.read(given)
    if (read === undefined || read.length * utf8BytesOfUnitMax <= plaintextBytesMax) return read
    return (decodeBase64(read) ?? utf8.encode(read)).length <= plaintextBytesMax ? read : undefined
  },
  form: `Base64 of up to ${plaintextBytesMax} bytes`,
  fault: plaintextFault,
  // Base64 of 6 KB, or 6 KB of text: its characters of several bytes need less space on the wire per byte.
  wireBytesMax: plaintextCharsMax * wireBytesPerAsciiChar,
  structured: asBytes
}

export const plaintext = requiredMaybeEmpty(data, "The data to encrypt.")

/** The errors of a provider's failure. */
export type CryptoError = ErrorOf<"InvalidParameter"> | ServiceError

/** One error for a wrong tag, context, commitment or header, so that the answer is no oracle. */
export const cryptoRefusal = (failure: CryptoFailed, parameter: string): CryptoError => {
  if (failure.reason === "Rejected") return invalid(parameter)
  return refuse("ServiceUnavailableTemporary", { hint: "The key's provider did not answer; try again." })
}

const exhaustedHint =
  "The key version has sealed as many messages as an AES-GCM key safely may. It still decrypts. Enable automatic " +
  "rotation with UpdateRotationPolicy, so that a new version replaces it, or encrypt under another key."

/** The error of a use that a provider did not perform. If it rejects the input, the error names `parameter`. */
export const usingRefusal =
  (parameter: string) =>
  <E extends AnyKmsError>(failure: E | CryptoFailed): E | CryptoError =>
    isCryptoFailed(failure) ? cryptoRefusal(failure, parameter) : failure

const contextBytes = (given: EncryptionContext | undefined): Uint8Array =>
  given === undefined ? noContext : canonicalContext(given)

/** Seals bytes under the primary version. */
export const sealWith = <Operation extends KeyOperation>(
  key: KeyActor,
  operation: Operation,
  plaintext: Uint8Array,
  given: EncryptionContext | undefined
): Effect.Effect<
  { readonly CiphertextBlob: string; readonly KeyId: string; readonly KeyVersionId: string },
  UseError<Operation, "primary"> | ErrorOf<"Rejected.LimitExceeded"> | CryptoError
> =>
  Effect.mapErrorEager(
    key.use(operation, "primary", ({ handle, provider }) =>
      Effect.mapEager(provider.seal({ handle, plaintext, context: contextBytes(given) }), (blob) => ({
        CiphertextBlob: encodeBase64(blob),
        KeyId: key.keyId,
        KeyVersionId: handle.row.keyVersionId
      }))
    ),
    sealingRefusal
  )

const sealingRefusal = <E extends AnyKmsError>(
  failure: E | CryptoFailed
): E | ErrorOf<"Rejected.LimitExceeded"> | CryptoError => {
  if (!isCryptoFailed(failure)) return failure
  return failure.reason === "Exhausted"
    ? refuse("Rejected.LimitExceeded", { hint: exhaustedHint })
    : cryptoRefusal(failure, "Plaintext")
}

const isCryptoFailed = (failure: AnyKmsError | CryptoFailed): failure is CryptoFailed => failure._tag === "CryptoFailed"

/** A version that the key does not have is answered like a key that does not exist. */
const unsealingRefusal = <E extends AnyKmsError>(
  failure: E | ErrorOf<"Forbidden.KeyVersionNotFound"> | CryptoFailed
): E | ErrorOf<"Forbidden.KeyNotFound"> | CryptoError => {
  if (isCryptoFailed(failure)) return cryptoRefusal(failure, "CiphertextBlob")
  return isUnknownVersion(failure) ? refuse("Forbidden.KeyNotFound") : failure
}

const isUnknownVersion = (failure: AnyKmsError): failure is ErrorOf<"Forbidden.KeyVersionNotFound"> =>
  failure.code === "Forbidden.KeyVersionNotFound"

/** The key and version that a blob names. */
export const targetOf = (blob: Uint8Array) => {
  const target = blobTarget(blob)
  return target === undefined ? Effect.fail(invalid("CiphertextBlob")) : Effect.succeed(target)
}

/** Opens a blob of this key under the version it names. */
export const unsealWith = <Operation extends KeyOperation>(
  key: KeyActor,
  operation: Operation,
  { blob, keyVersionId }: { readonly blob: Uint8Array; readonly keyVersionId: KeyVersionId },
  given: EncryptionContext | undefined
): Effect.Effect<Uint8Array, UseError<Operation, "primary"> | ErrorOf<"Forbidden.KeyNotFound"> | CryptoError> =>
  Effect.mapErrorEager(
    key.use(operation, keyVersionId, ({ handle, provider }) =>
      provider.unseal({ handle, blob, context: contextBytes(given) })
    ),
    unsealingRefusal
  )

/** The provider for keys of this kind. */
export const providerOf = (
  { providers }: Pick<CallServices, "providers">,
  key: KeyActor
): Effect.Effect<CryptoProvider, ServiceError> => {
  const { context } = key.snapshot()
  const provider = providers.find(context.protection, specOf(context))
  return provider === undefined
    ? Effect.fail(refuse("ServiceUnavailableTemporary", { hint: "The key's provider is not connected." }))
    : Effect.succeed(provider)
}

export const toBytes = (sent: string): Uint8Array => shortAsciiBytes(sent) ?? utf8.encode(sent)

export const toText = (bytes: Uint8Array): string => shortAsciiText(bytes) ?? utf8Strict.decode(bytes)
