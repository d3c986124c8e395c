/** An operation on this key as a command or a line of code, to copy. */
import type { KeyRow } from "../../protocol.ts"

/** What the operation takes in addition to the key, with placeholders. */
const more: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Encrypt: { Plaintext: "aGVsbG8=" },
  Decrypt: { CiphertextBlob: "<ciphertext>" },
  ReEncrypt: { CiphertextBlob: "<ciphertext>", DestinationKeyId: "<key>" },
  ScheduleKeyDeletion: { PendingWindowInDays: "30" },
  UpdateKeyDescription: { Description: "<text>" },
  SetKeyPolicy: { Policy: "<policy>" },
  CreateAlias: { AliasName: "alias/<name>" },
  UpdateAlias: { AliasName: "alias/<name>" },
  DeleteAlias: { AliasName: "alias/<name>" },
  UpdateRotationPolicy: { EnableAutomaticRotation: "true", RotationInterval: "30d" },
  TagResource: { Tags: '[{"TagKey":"<key>","TagValue":"<value>"}]' },
  UntagResource: { TagKeys: '["<key>"]' },
  GetParametersForImport: { WrappingAlgorithm: "RSAES_OAEP_SHA_256", WrappingKeySpec: "RSA_2048" },
  ImportKeyMaterial: { EncryptedKeyMaterial: "<base64>", ImportToken: "<token>" },
  DescribeKeyVersion: { KeyVersionId: "<version>" },
  GetPublicKey: { KeyVersionId: "<version>" },
  AsymmetricEncrypt: { KeyVersionId: "<version>", Algorithm: "RSAES_OAEP_SHA_256", Plaintext: "<base64>" },
  AsymmetricDecrypt: { KeyVersionId: "<version>", Algorithm: "RSAES_OAEP_SHA_256", CiphertextBlob: "<base64>" },
  AsymmetricSign: { KeyVersionId: "<version>", Algorithm: "<algorithm>", Digest: "<base64>" },
  AsymmetricVerify: { KeyVersionId: "<version>", Algorithm: "<algorithm>", Digest: "<base64>", Value: "<base64>" },
  SetDeletionProtection: { EnableDeletionProtection: "true" },
  ExportDataKey: {
    CiphertextBlob: "<ciphertext>",
    WrappingAlgorithm: "RSAES_OAEP_SHA_256",
    WrappingKeySpec: "RSA_2048",
    PublicKeyBlob: "<base64>"
  },
  GenerateAndExportDataKey: {
    WrappingAlgorithm: "RSAES_OAEP_SHA_256",
    WrappingKeySpec: "RSA_2048",
    PublicKeyBlob: "<base64>"
  }
}

/** Operations that do not name their key by KeyId. */
const withoutKeyId = new Set(["Decrypt", "ReEncrypt", "DeleteAlias", "ExportDataKey"])

/** Operations that name their key as a resource of a region. */
const byResource = new Set(["TagResources", "UntagResources", "ListTagResources"])

const referenceTo = (operation: string, { arn, keyId }: KeyRow): Readonly<Record<string, string>> => {
  if (operation === "SetDeletionProtection") return { ProtectedResourceArn: arn }
  if (byResource.has(operation)) {
    return { RegionId: arn.split(":")[2] ?? "", ResourceType: "key", "ResourceId.1": keyId }
  }
  return withoutKeyId.has(operation) ? {} : { KeyId: keyId }
}

const parametersOf = (operation: string, row: KeyRow): Readonly<Record<string, string>> => ({
  ...referenceTo(operation, row),
  ...more[operation]
})

/** Where the commands go: `location`, in a page. */
type Server = Pick<URL, "host" | "origin">

const quoted = (text: string): string => (/^[\w./:@%+=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`)

export const asCli = (operation: string, row: KeyRow, server: Server): string =>
  [
    `keystate kms ${operation}`,
    ...Object.entries(parametersOf(operation, row)).map(([name, value]) => `--${name} ${quoted(value)}`),
    `--endpoint ${server.origin}`
  ].join(" ")

/** Signs in the shell by ACS3-HMAC-SHA256; it needs only curl and openssl. */
export const asCurl = (operation: string, row: KeyRow, server: Server): string => {
  const form = new URLSearchParams(parametersOf(operation, row)).toString()
  const sha = "openssl dgst -sha256 -r | cut -d' ' -f1"
  const signed = "content-type;host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version"
  return [
    `body=${quoted(form)}`,
    `hash=$(printf %s "$body" | ${sha}) date=$(date -u +%FT%TZ) nonce=$(openssl rand -hex 16)`,
    `headers="content-type:application/x-www-form-urlencoded\nhost:${server.host}\nx-acs-action:${operation}\nx-acs-content-sha256:$hash\nx-acs-date:$date\nx-acs-signature-nonce:$nonce\nx-acs-version:2016-01-20\n"`,
    `request=$(printf 'POST\\n/\\n\\n%s\\n%s\\n%s' "$headers" '${signed}' "$hash" | ${sha})`,
    `signature=$(printf 'ACS3-HMAC-SHA256\\n%s' "$request" | openssl dgst -sha256 -hmac "$ALIBABA_CLOUD_ACCESS_KEY_SECRET" -r | cut -d' ' -f1)`,
    `curl --data "$body" -H "x-acs-action: ${operation}" -H "x-acs-content-sha256: $hash" -H "x-acs-date: $date" -H "x-acs-signature-nonce: $nonce" -H 'x-acs-version: 2016-01-20' -H "Authorization: ACS3-HMAC-SHA256 Credential=$ALIBABA_CLOUD_ACCESS_KEY_ID,SignedHeaders=${signed},Signature=$signature" ${server.origin}/`
  ].join("\n")
}

export const asTypeScript = (operation: string, row: KeyRow): string => {
  const method = `${operation.charAt(0).toLowerCase()}${operation.slice(1)}`
  const members = Object.entries(parametersOf(operation, row)).map(
    ([name, value]) => `${name.charAt(0).toLowerCase()}${name.slice(1)}: ${JSON.stringify(value)}`
  )
  return `await kms.${method}(new Kms.${operation}Request({ ${members.join(", ")} }))`
}
