/** A counterexample as a shell script of calls of the `aws` command, or of the same calls by curl. */
import { daysIn, encryptingIn, listIn, signingIn, specIn, usageIn } from "../../adapters/aws/values.ts"
import type { Step } from "../../steps/step.ts"
import type { Counterexample, TracedStep } from "../report.ts"
import { aboutExits, aliasesIn, helpersIn, judgingFunctions, linesOfAll, single, wordOf } from "./shell.ts"
import type { Command, Family } from "./shell.ts"

/** One call: its step, its parameters as the suite names them, and the same as shell words. */
interface Calling {
  readonly step: Step
  readonly request: TracedStep["request"]
  readonly word: (name: string) => string | undefined
}

type Words = ReadonlyArray<string | undefined>

/** `--option value`; empty if the request lacks the parameter. */
const given = ({ request, word }: Calling, option: string, name: string): Words =>
  name in request ? [option, word(name)] : []

const key = (calling: Calling): Words => given(calling, "--key-id", "KeyId")
const context = (calling: Calling, option = "--encryption-context", name = "EncryptionContext"): Words =>
  given(calling, option, name)

const length = (calling: Calling): Words => {
  if ("NumberOfBytes" in calling.request) return given(calling, "--number-of-bytes", "NumberOfBytes")
  return ["--key-spec", calling.request["KeySpec"] === "AES_128" ? "AES_128" : "AES_256"]
}

const digest = (calling: Calling): Words => [
  ...key(calling),
  ...given(calling, "--message", "Digest"),
  "--message-type DIGEST --signing-algorithm",
  signingIn(calling.request)
]

const expiry = (calling: Calling): Words =>
  "KeyMaterialExpireUnix" in calling.request
    ? ["--expiration-model KEY_MATERIAL_EXPIRES", ...given(calling, "--valid-to", "KeyMaterialExpireUnix")]
    : ["--expiration-model KEY_MATERIAL_DOES_NOT_EXPIRE"]

const target = (calling: Calling): Words => [
  ...given(calling, "--alias-name", "AliasName"),
  ...given(calling, "--target-key-id", "KeyId")
]

const tagsIn = ({ request }: Calling): Words => ["--tags", single(JSON.stringify(listIn(request, "Tags")))]

const rotation = (calling: Calling): Words =>
  calling.request["EnableAutomaticRotation"] === true
    ? ["enable-key-rotation", ...key(calling), "--rotation-period-in-days", String(daysIn(calling.request))]
    : ["disable-key-rotation", ...key(calling)]

/** The name of each operation in this command; `undefined` words are values that a shell cannot produce. */
const calls: Readonly<Record<string, (calling: Calling) => Words>> = {
  CreateKey: (calling) => [
    `create-key --key-spec ${specIn(calling.request)} --key-usage ${usageIn(calling.request)}`,
    ...(calling.request["Origin"] === "EXTERNAL" ? ["--origin EXTERNAL"] : []),
    ...given(calling, "--description", "Description"),
    ...(calling.request["Tags"] === undefined ? [] : tagsIn(calling))
  ],
  DescribeKey: (calling) => ["describe-key", ...key(calling)],
  ListKeys: () => ["list-keys"],
  EnableKey: (calling) => ["enable-key", ...key(calling)],
  DisableKey: (calling) => ["disable-key", ...key(calling)],
  ScheduleKeyDeletion: (calling) => [
    "schedule-key-deletion",
    ...key(calling),
    ...given(calling, "--pending-window-in-days", "PendingWindowInDays")
  ],
  CancelKeyDeletion: (calling) => ["cancel-key-deletion", ...key(calling)],
  UpdateKeyDescription: (calling) => [
    "update-key-description",
    ...key(calling),
    ...given(calling, "--description", "Description")
  ],
  CreateAlias: (calling) => ["create-alias", ...target(calling)],
  UpdateAlias: (calling) => ["update-alias", ...target(calling)],
  DeleteAlias: (calling) => ["delete-alias", ...given(calling, "--alias-name", "AliasName")],
  ListAliases: () => ["list-aliases"],
  ListAliasesByKeyId: (calling) => ["list-aliases", ...key(calling)],
  GetParametersForImport: (calling) => [
    "get-parameters-for-import",
    ...key(calling),
    "--wrapping-key-spec RSA_2048",
    ...given(calling, "--wrapping-algorithm", "WrappingAlgorithm")
  ],
  ImportKeyMaterial: (calling) => [
    "import-key-material",
    ...key(calling),
    ...given(calling, "--import-token", "ImportToken"),
    ...given(calling, "--encrypted-key-material", "EncryptedKeyMaterial"),
    ...expiry(calling)
  ],
  DeleteKeyMaterial: (calling) => ["delete-imported-key-material", ...key(calling)],
  Encrypt: (calling) => [
    "encrypt",
    ...key(calling),
    ...given(calling, "--plaintext", "Plaintext"),
    ...context(calling)
  ],
  Decrypt: (calling) => ["decrypt", ...given(calling, "--ciphertext-blob", "CiphertextBlob"), ...context(calling)],
  ReEncrypt: (calling) => [
    "re-encrypt",
    ...given(calling, "--ciphertext-blob", "CiphertextBlob"),
    ...given(calling, "--destination-key-id", "DestinationKeyId"),
    ...context(calling, "--source-encryption-context", "SourceEncryptionContext"),
    ...context(calling, "--destination-encryption-context", "DestinationEncryptionContext")
  ],
  GenerateDataKey: (calling) => ["generate-data-key", ...key(calling), ...length(calling), ...context(calling)],
  GenerateDataKeyWithoutPlaintext: (calling) => [
    "generate-data-key-without-plaintext",
    ...key(calling),
    ...length(calling),
    ...context(calling)
  ],
  UpdateRotationPolicy: rotation,
  GetPublicKey: (calling) => ["get-public-key", ...key(calling)],
  AsymmetricEncrypt: (calling) => [
    "encrypt",
    ...key(calling),
    ...given(calling, "--plaintext", "Plaintext"),
    `--encryption-algorithm ${encryptingIn(calling.request)}`
  ],
  AsymmetricDecrypt: (calling) => [
    "decrypt",
    ...key(calling),
    ...given(calling, "--ciphertext-blob", "CiphertextBlob"),
    `--encryption-algorithm ${encryptingIn(calling.request)}`
  ],
  AsymmetricSign: (calling) => ["sign", ...digest(calling)],
  AsymmetricVerify: (calling) => ["verify", ...digest(calling), ...given(calling, "--signature", "Value")],
  TagResource: (calling) => ["tag-resource", ...key(calling), ...tagsIn(calling)],
  UntagResource: (calling) => [
    "untag-resource",
    ...key(calling),
    "--tag-keys",
    ...listIn(calling.request, "TagKeys").map((name) => single(String(name)))
  ],
  ListResourceTags: (calling) => ["list-resource-tags", ...key(calling)]
}

/** The path in a reply to each value that a later call needs. */
const madeAt: Readonly<Record<string, string>> = {
  CreateKey: ".KeyMetadata.KeyId",
  Encrypt: ".CiphertextBlob",
  ReEncrypt: ".CiphertextBlob",
  GenerateDataKey: ".CiphertextBlob",
  GenerateDataKeyWithoutPlaintext: ".CiphertextBlob",
  AsymmetricEncrypt: ".CiphertextBlob",
  AsymmetricSign: ".Signature"
}

const helpers = { now: "now() { date +%s; }" } as const

const commandOf = (step: Step, { request }: TracedStep): Command => {
  const words = calls[step.op]?.({ step, request, word: (name) => wordOf(step, name, request[name]) })
  const call = words === undefined || words.includes(undefined) ? undefined : words.join(" ")
  return { call, madeAt: madeAt[step.op] }
}

const family: Family = { commandOf, members: { valid: ".SignatureValid", invalidCode: "KMSInvalidSignatureException" } }

const aws = `kms() { aws kms "$@" --endpoint-url "$ENDPOINT" --output json --cli-binary-format base64; }
refusal() { sed -n 's/.*An error occurred (\\([A-Za-z0-9.]*\\)).*/\\1/p' "$errors"; }`

/** Turns the words of the aws command into the JSON of the protocol, which curl signs and sends. */
const curl = `kms() {
  operation=$1
  shift
  # jq must not take a word for an option of its own.
  for word; do
    set -- "$@" "=$word"
    shift
  done
  body=$(jq -nc '
    def pascal: split("-") | map((.[:1] | ascii_upcase) + .[1:]) | join("");
    def typed($name):
      if $name == "tag-keys" then .
      elif ["tags", "encryption-context", "source-encryption-context", "destination-encryption-context"] | index($name)
      then .[0] | fromjson
      elif ["pending-window-in-days", "number-of-bytes", "rotation-period-in-days", "valid-to"] | index($name)
      then .[0] | tonumber
      else .[0] end;
    reduce ($ARGS.positional[] | .[1:]) as $word ([];
      if $word | startswith("--") then . + [[$word[2:]]] else .[-1] += [$word] end)
    | map(.[0] as $name | {key: ($name | pascal), value: (.[1:] | typed($name))}) | from_entries' --args "$@")
  answer=$(mktemp)
  target=$(printf %s "$operation" | jq -Rr 'split("-") | map((.[:1] | ascii_upcase) + .[1:]) | join("")')
  status=$(curl -sS -o "$answer" -w '%{http_code}' --aws-sigv4 "aws:amz:$AWS_DEFAULT_REGION:kms" \\
    --user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY" -H 'Content-Type: application/x-amz-json-1.1' \\
    -H "X-Amz-Target: TrentService.$target" --data-raw "$body" "$ENDPOINT/")
  cat "$answer"
  rm -f "$answer"
  [ "$status" = 200 ]
}
refusal() { printf %s "$reply" | jq -r '.__type // empty | split("#") | last' 2>/dev/null; }`

const scriptWith =
  (commands: string, functions: string) =>
  (found: Counterexample): string => {
    const { law, sentence, replay } = found
    const body = linesOfAll(found, family)
    return [
      "#!/bin/sh",
      `# ${law}: ${sentence}`,
      `# Needs the commands ${commands}. Emulators take any credentials, and these are set if none are.`,
      aboutExits,
      'ENDPOINT="${ENDPOINT:-http://127.0.0.1:4566}"',
      'export AWS_ACCESS_KEY_ID="${AWS_ACCESS_KEY_ID:-placeholder}" AWS_PAGER=""',
      'export AWS_SECRET_ACCESS_KEY="${AWS_SECRET_ACCESS_KEY:-placeholder}" AWS_DEFAULT_REGION="${REGION:-us-east-1}"',
      functions,
      judgingFunctions(law),
      ...helpersIn(body, helpers),
      ...aliasesIn(replay),
      "",
      ...body
    ].join("\n")
  }

/** Calls of the `aws` command. */
export const awsScript = scriptWith("aws, jq and openssl", aws)

/** The same calls, made by curl 7.75 or newer. */
export const awsCurlScript = scriptWith("curl (7.75 or newer), jq and openssl", curl)
