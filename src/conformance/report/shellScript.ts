/** A counterexample as a shell script: calls of the vendor's command line, each said before it is made. */
import type { Wrapping } from "../dialects/dialect.ts"
import { materialOf } from "../steps/names.ts"
import type { Counterexample, TracedStep } from "./report.ts"
import { isMasked } from "../steps/request.ts"
import type { Label, Step } from "../steps/step.ts"

const dayMillis = 86_400_000

/** Where each thing a later call needs stands in the reply of the call that made it. */
const madeAt: Readonly<Record<string, string>> = {
  CreateKey: ".KeyMetadata.KeyId",
  Encrypt: ".CiphertextBlob",
  ReEncrypt: ".CiphertextBlob",
  GenerateDataKey: ".CiphertextBlob",
  GenerateDataKeyWithoutPlaintext: ".CiphertextBlob",
  GenerateAndExportDataKey: ".CiphertextBlob",
  AsymmetricEncrypt: ".CiphertextBlob",
  AsymmetricSign: ".Value"
}

const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
const variable = (label: Label): string => label.replaceAll(/[^A-Za-z0-9]/g, "_")
const valueOf = (label: Label | undefined): string | undefined =>
  label === undefined ? undefined : `"$${variable(label)}"`

const isAltered = ({ twist }: Step): boolean => twist === "tampered" || twist === "truncated" || twist === "outside"
const versionOf = ({ key, twist, version }: Step): Label | undefined =>
  twist === "unknownVersion" || key === undefined ? undefined : (version ?? `${key}.v1`)

const named = (step: Step): string | undefined =>
  step.twist === "unknownKey" ? undefined : valueOf(step.by ?? step.key)
const made = (step: Step): string | undefined => (isAltered(step) ? undefined : valueOf(step.of))

/** What `openssl pkeyutl` is told for each way of wrapping. */
const wrapping: Readonly<Record<Wrapping, string>> = {
  RSAES_OAEP_SHA_256: "rsa_padding_mode:oaep rsa_oaep_md:sha256 rsa_mgf1_md:sha256",
  RSAES_OAEP_SHA_1: "rsa_padding_mode:oaep rsa_oaep_md:sha1 rsa_mgf1_md:sha1",
  RSAES_PKCS1_V1_5: "rsa_padding_mode:pkcs1"
}

const wrappedMaterial = ({ of, twist, algorithm = "RSAES_OAEP_SHA_256" }: Step): string | undefined => {
  if (of === undefined || twist === "garbage") return single(Buffer.alloc(256, 0x5a).toString("base64"))
  const material = materialOf(twist === "otherMaterial" ? "other" : "first", twist === "wrongLength" ? 31 : 32)
  return `"$(wrap "$${variable(of)}_key" ${Buffer.from(material).toString("base64")} ${wrapping[algorithm]})"`
}

/** Parameters whose value is not what it was in the run, but what the script's own calls brought. */
const brought: Readonly<Record<string, (step: Step) => string | undefined>> = {
  KeyId: named,
  ProtectedResourceArn: named,
  KeyVersionId: (step) => valueOf(versionOf(step)),
  AliasName: (step) => (step.twist === "badName" ? undefined : valueOf(step.alias)),
  CiphertextBlob: made,
  Value: made,
  ImportToken: made,
  DestinationKeyId: ({ to }) => valueOf(to),
  EncryptedKeyMaterial: wrappedMaterial,
  KeyMaterialExpireUnix: ({ days = 0, twist }) =>
    `"$(($(now) ${twist === "pastExpiry" ? "- 60" : `+ ${days * 86_400}`}))"`
}

/** What some steps call on; a script has those that it uses. */
const helpers: Readonly<Record<string, string>> = {
  wrap: `wrap() {
  der=$(mktemp)
  material=$2
  printf %s "$1" | openssl base64 -d -A >"$der"
  shift 2
  for option; do set -- "$@" -pkeyopt "$option"; shift; done
  printf %s "$material" | openssl base64 -d -A |
    openssl pkeyutl -encrypt -pubin -keyform DER -inkey "$der" "$@" | openssl base64 -A
  rm -f "$der"
}`,
  now: `now() {
  { keystate clock show --endpoint "$ENDPOINT" 2>/dev/null || date -u '+{"Now":"%Y-%m-%dT%H:%M:%SZ"}'; } |
    jq -r '.Now | sub("[.][0-9]+"; "") | fromdateiso8601'
}`
}

const callOf = (step: Step, request: TracedStep["request"]): string | undefined => {
  const words = Object.entries(request).map(([name, value]) => {
    const value_ = brought[name]?.(step) ?? (isMasked(value) ? undefined : single(String(value)))
    return value_ === undefined ? undefined : `--${name} ${value_}`
  })
  return words.includes(undefined) ? undefined : [`kms ${step.op}`, ...words].join(" ")
}

const kept = (step: Step, call: string): ReadonlyArray<string> => {
  const { makes, op } = step
  if (makes === undefined) return [call]
  const name = variable(makes)
  if (op === "GetParametersForImport") {
    return [
      `reply=$(${call})`,
      `${name}=$(printf %s "$reply" | jq -r .ImportToken)`,
      `${name}_key=$(printf %s "$reply" | jq -r .PublicKey)`
    ]
  }
  const at = madeAt[op]
  return [at === undefined ? call : `${name}=$(${call} | jq -r ${at})`]
}

/** Versions are known by their age. */
const versionFound = (step: Step, request: TracedStep["request"]): ReadonlyArray<string> => {
  const label = "KeyVersionId" in request ? versionOf(step) : undefined
  if (label === undefined) return []
  const [key = "", number = "1"] = label.split(".v")
  const pick = `.KeyVersions.KeyVersion | sort_by(.CreationDate)[${Number(number) - 1}].KeyVersionId`
  return [`${variable(label)}=$(kms ListKeyVersions --KeyId "$${variable(key)}" | jq -r ${single(pick)})`]
}

const advanced = (millis: number): ReadonlyArray<string> =>
  [[Math.floor(millis / dayMillis), "d"] as const, [millis % dayMillis, "ms"] as const].flatMap(([count, unit]) =>
    count === 0 ? [] : [`keystate clock advance ${count}${unit} --endpoint "$ENDPOINT"`]
  )

const linesOf = (law: string, traced: TracedStep, step: Step): ReadonlyArray<string> => {
  const said = `say ${single(`${traced.number}. ${traced.text}${traced.ok ? "" : `   EXPECTED ${traced.expected}`}`)}`
  if (step.op === "Advance") return [said, ...advanced(step.millis ?? 0), ""]
  const isPlain = step.as === undefined && step.kind !== "service"
  const call = isPlain ? callOf(step, traced.request) : undefined
  if (call === undefined) {
    const sentence = `A shell cannot make this call. Run: keystate conformance replay ${law}.json`
    return [said, `echo ${single(sentence)} >&2`, "exit 3", ""]
  }
  return [said, ...versionFound(step, traced.request), ...kept(step, call), ""]
}

/** What the service makes is read from its replies; names of its own the script sets apart by its process id. */
export const shellScript = ({ law, sentence, steps, replay }: Counterexample): string => {
  const body = steps.flatMap((traced, index) => {
    const step = replay[index]
    return step === undefined ? [] : linesOf(law, traced, step)
  })
  const aliases = new Set(replay.flatMap(({ alias, by }) => [alias, by]).filter((label) => label !== undefined))
  return [
    "#!/bin/sh",
    `# ${law}: ${sentence}`,
    "# Needs the commands aliyun, jq and keystate, and the server's access key in ALIBABA_CLOUD_ACCESS_KEY_ID and",
    "# ALIBABA_CLOUD_ACCESS_KEY_SECRET.",
    ...(replay.some(({ burst }) => burst !== undefined)
      ? ["# Calls with a ‖ were made at the same time; here they come one after another, which may break nothing."]
      : []),
    'ENDPOINT="${ENDPOINT:-http://127.0.0.1:8787}"',
    'case "$ENDPOINT" in https://*) over=--secure ;; *) over=--insecure ;; esac',
    "kms() {",
    '  aliyun kms "$@" --version 2016-01-20 --endpoint "${ENDPOINT#*://}" "$over" --region "${REGION:-cn-hangzhou}" --force',
    "}",
    `say() { printf '\\n%s\\n' "$1"; }`,
    ...Object.entries(helpers).flatMap(([name, text]) =>
      body.some((line) => line.includes(`$(${name}`)) ? [text] : []
    ),
    ...[...aliases].map((label) => `${variable(label)}="alias/kc-$$-${label}"`),
    ...(replay.some(({ op }) => op === "Advance") ? ['keystate clock freeze --endpoint "$ENDPOINT"'] : []),
    "",
    ...body
  ].join("\n")
}
