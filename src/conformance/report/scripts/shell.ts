/** Shared parts of the shell scripts of all dialects: values from earlier calls, and the functions for them. */
import type { Wrapping } from "../../dialects/dialect.ts"
import { materialOf } from "../../steps/names.ts"
import { isMasked } from "../../steps/masked.ts"
import { isDeed } from "../../steps/step.ts"
import type { Label, Step } from "../../steps/step.ts"
import type { Counterexample, TracedStep } from "../report.ts"

export const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`
export const variable = (label: Label): string => label.replaceAll(/[^A-Za-z0-9]/g, "_")
const valueOf = (label: Label | undefined): string | undefined =>
  label === undefined ? undefined : `"$${variable(label)}"`

export const versionOf = ({ key, twist, version }: Step): Label | undefined =>
  twist === "unknownVersion" || key === undefined ? undefined : (version ?? `${key}.v1`)

const named = (step: Step): string | undefined =>
  step.twist === "unknownKey" ? undefined : valueOf(step.by ?? step.key)

/** A ciphertext, a token or a signature, altered or cut if the step says so. */
const made = ({ of, twist, bytes = 100 }: Step): string | undefined => {
  if (of === undefined || twist === "outside") return undefined
  if (twist === "tampered") return `"$(altered "$${variable(of)}" ${bytes})"`
  return twist === "truncated" ? `"$(cut_short "$${variable(of)}")"` : valueOf(of)
}

/** The options of `openssl pkeyutl` for each wrapping algorithm. */
const wrapping: Readonly<Record<Wrapping, string>> = {
  RSAES_OAEP_SHA_256: "rsa_padding_mode:oaep rsa_oaep_md:sha256 rsa_mgf1_md:sha256",
  RSAES_OAEP_SHA_1: "rsa_padding_mode:oaep rsa_oaep_md:sha1 rsa_mgf1_md:sha1",
  RSAES_PKCS1_V1_5: "rsa_padding_mode:pkcs1"
}

const wrappedMaterial = ({ of, twist, algorithm = "RSAES_OAEP_SHA_256" }: Step): string => {
  if (of === undefined || twist === "garbage") return single(Buffer.alloc(256, 0x5a).toString("base64"))
  const material = materialOf(twist === "otherMaterial" ? "other" : "first", twist === "wrongLength" ? 31 : 32)
  return `"$(wrap "$${variable(of)}_key" ${Buffer.from(material).toString("base64")} ${wrapping[algorithm]})"`
}

/** Parameters whose value comes from the script's own calls, not from the run. */
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

/** A parameter as a shell word. Undefined if a shell cannot produce it. */
export const wordOf = (step: Step, name: string, value: unknown): string | undefined =>
  brought[name]?.(step) ?? (isMasked(value) ? undefined : single(String(value)))

/** Shell functions that some steps call; a script contains those that it uses. */
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
  altered: `altered() {
  blob=$(mktemp)
  printf %s "$1" | openssl base64 -d -A >"$blob"
  size=$(($(wc -c <"$blob")))
  at=$((size * $2 / 100))
  [ "$at" -lt "$size" ] || at=$((size - 1))
  byte=$(od -An -tu1 -j "$at" -N 1 "$blob" | tr -d ' ')
  printf "\\\\$(printf %03o $((byte ^ 1)))" | dd of="$blob" bs=1 seek="$at" conv=notrunc 2>/dev/null
  openssl base64 -A -in "$blob"
  rm -f "$blob"
}`,
  cut_short: `cut_short() {
  blob=$(mktemp)
  printf %s "$1" | openssl base64 -d -A >"$blob"
  head -c $(($(wc -c <"$blob") - 1)) "$blob" | openssl base64 -A
  rm -f "$blob"
}`
}

export const helpersIn = (body: ReadonlyArray<string>, more: Readonly<Record<string, string>>): ReadonlyArray<string> =>
  Object.entries({ ...helpers, ...more }).flatMap(([name, text]) =>
    body.some((line) => line.includes(`$(${name}`)) ? [text] : []
  )

/** A script makes its names unique by its process id. */
export const aliasesIn = (replay: ReadonlyArray<Step>): ReadonlyArray<string> => {
  const labels = replay.flatMap(({ alias, by }) => [alias, by]).filter((label) => label !== undefined)
  return [...new Set(labels)].map((label) => `${variable(label)}="alias/kc-$$-${label}"`)
}

/** One step in a family's command: the lines before the call, the call, and the paths in the reply. */
export interface Command {
  readonly before?: ReadonlyArray<string>
  /** Undefined if a shell cannot make the call. */
  readonly call: string | undefined
  readonly madeAt: string | undefined
}

const keptOf = ({ makes, op }: Step, { call, madeAt }: Command): ReadonlyArray<string> => {
  if (call === undefined) return []
  if (makes === undefined) return [call]
  const name = variable(makes)
  if (op === "GetParametersForImport") {
    return [
      `reply=$(${call})`,
      `${name}=$(printf %s "$reply" | jq -r .ImportToken)`,
      `${name}_key=$(printf %s "$reply" | jq -r .PublicKey)`
    ]
  }
  return [madeAt === undefined ? call : `${name}=$(${call} | jq -r ${madeAt})`]
}

/** Steps that the vendor's command cannot perform: another caller, account or region, malformed requests, a restart. */
const isBeyondShell = ({ op, as, from, wire, kind, policy }: Step): boolean =>
  isDeed(op) || kind === "service" || [as, from, wire, policy].some((member) => member !== undefined)

/** The script prints each step before its call. */
const linesOf = (law: string, traced: TracedStep, step: Step, command: Command): ReadonlyArray<string> => {
  const said = `say ${single(`${traced.number}. ${traced.text}${traced.ok ? "" : `   EXPECTED ${traced.expected}`}`)}`
  if (step.op === "Advance") return [said, ...(command.before ?? []), ""]
  if (command.call === undefined || isBeyondShell(step)) {
    const sentence = `A shell cannot make this call. Run: keystate conformance replay ${law}.json`
    return [said, `echo ${single(sentence)} >&2`, "exit 3", ""]
  }
  return [said, ...(command.before ?? []), ...keptOf(step, command), ""]
}

export const linesOfAll = (
  { law, steps, replay }: Counterexample,
  commandOf: (step: Step, traced: TracedStep) => Command
): ReadonlyArray<string> =>
  steps.flatMap((traced, index) => {
    const step = replay[index]
    return step === undefined ? [] : linesOf(law, traced, step, commandOf(step, traced))
  })

export const say = `say() { printf '\\n%s\\n' "$1"; }`

export const aboutBursts = (replay: ReadonlyArray<Step>): ReadonlyArray<string> =>
  replay.some(({ burst }) => burst !== undefined)
    ? ["# Calls with a ‖ were made at the same time. Here they come one after another, which may break nothing."]
    : []
