/** Makes data keys: random bytes, sealed as their Base64 text like every plaintext. */
import { Effect } from "effect"
import type { KeyActor } from "../../actor/keyActor.ts"
import { encodeBase64 } from "../../encoding/base64.ts"
import type { EncryptionContext } from "../../domain/encryptionContext.ts"
import { dataKeyBytesMax } from "../../domain/limits.ts"
import { keyIdOrAlias } from "../keyReference.ts"
import type { Call } from "../operation.ts"
import { asciiText, dryRun, integer, invalid, optional } from "../parameters.ts"
import { encryptionContext, sealWith, toBytes } from "./symmetric.ts"

const lengths: ReadonlyMap<string, number> = new Map([
  ["AES_256", 32],
  ["AES_128", 16]
])

export const dataKeyParameters = {
  KeyId: keyIdOrAlias,
  KeySpec: optional(
    { ...asciiText({ charsMax: 64 }), form: "`AES_256`, `AES_128`" },
    "Length by name; 32 bytes if absent."
  ),
  NumberOfBytes: optional(
    integer({ minimum: 1, maximum: dataKeyBytesMax }),
    "Length in bytes; if given, KeySpec is ignored."
  ),
  EncryptionContext: encryptionContext,
  DryRun: dryRun
} as const

interface DataKeyRequest {
  readonly KeySpec: string | undefined
  readonly NumberOfBytes: number | undefined
  readonly EncryptionContext: EncryptionContext | undefined
}

/** API, GenerateDataKey: 32 bytes by default. NumberOfBytes takes precedence over KeySpec. */
const lengthOf = ({ KeySpec = "AES_256", NumberOfBytes }: Omit<DataKeyRequest, "EncryptionContext">) =>
  NumberOfBytes ?? lengths.get(KeySpec)

export const dataKeyConflict = (request: DataKeyRequest) =>
  lengthOf(request) === undefined ? invalid("KeySpec", "AES_256 or AES_128") : undefined

type DataKeyOperation = "GenerateDataKey" | "GenerateDataKeyWithoutPlaintext" | "GenerateAndExportDataKey"

/** A data key and its sealed form. The caller returns or discards the text. */
export const makeDataKey = (
  { services }: Call,
  key: KeyActor,
  operation: DataKeyOperation,
  request: DataKeyRequest
) => {
  const length = lengthOf(request)
  if (length === undefined) return Effect.die(new Error("the length of a data key is checked before it is made"))
  return Effect.flatMapEager(key.gate(operation), () => {
    const bytes = services.randomness.bytes(length)
    const Plaintext = encodeBase64(bytes)
    bytes.fill(0)
    const sealing = sealWith(key, operation, toBytes(Plaintext), request.EncryptionContext)
    return Effect.mapEager(sealing, (sealed) => ({ ...sealed, Plaintext }))
  })
}
