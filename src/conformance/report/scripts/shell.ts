/** Shared parts of the shell scripts of all dialects: values from earlier calls, and the functions for them. */
import type { Wrapping } from "../../steps/step.ts"
import { materialOf } from "../../steps/names.ts"
import { isMasked } from "../../steps/masked.ts"
import { isDeed } from "../../steps/step.ts"
import type { Filter, Label, Step } from "../../steps/step.ts"
import type { Counterexample, TracedStep } from "../report.ts"
import { decisiveIn, judgementOf, reachingOf } from "./judgement.ts"
import type { Judgement, Members } from "./judgement.ts"

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
  if (twist === "lengthened") return `"$(lengthened "$${variable(of)}")"`
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
  SourceKeyId: named,
  SourceKeyVersionId: (step) => valueOf(versionOf(step)),
  DestinationKeyId: ({ to, by }) => valueOf(by ?? to),
  EncryptedKeyMaterial: wrappedMaterial,
  KeyMaterialExpireUnix: ({ days = 0, twist }) =>
    twist === "zeroExpiry" ? "0" : `"$(($(now) ${twist === "pastExpiry" ? "- 60" : `+ ${days * 86_400}`}))"`
}

/** A shell word cannot contain NUL or an unpaired surrogate. Commands read a word that begins with -- as an option. */
const isWord = (text: string): boolean => !text.includes("\0") && text.isWellFormed() && !text.startsWith("--")

/** A parameter as a shell word. Undefined if a shell cannot produce it. */
export const wordOf = (step: Step, name: string, value: unknown): string | undefined => {
  const own = brought[name]?.(step)
  if (own !== undefined) return own
  return isMasked(value) || !isWord(String(value)) ? undefined : single(String(value))
}

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
  lengthened: `lengthened() {
  {
    printf %s "$1" | openssl base64 -d -A
    printf '\\000'
  } | openssl base64 -A
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

const keptOf = ({ makes, op }: Step, { madeAt }: Command): ReadonlyArray<string> => {
  if (makes === undefined) return []
  const name = variable(makes)
  if (op === "GetParametersForImport") return [`${name}=$(member .ImportToken)`, `${name}_key=$(member .PublicKey)`]
  return madeAt === undefined ? [] : [`${name}=$(member ${madeAt})`]
}

/** Names of aliases that a script does not make: very long ones, and ones with slashes. */
const isUnusualName = (label: Label | undefined): boolean => label?.includes(".") === true

/** Filters by names that the script made itself. */
const isOfOwnNames = ({ Key }: Filter): boolean => Key === "KeyId" || Key === "AliasName"

/** Steps that the vendor's command cannot perform: another caller, account or region, malformed requests, a restart. */
const isBeyondShell = ({ op, as, from, wire, kind, policy, alias, by, filters = [] }: Step): boolean =>
  isDeed(op) ||
  kind === "service" ||
  [as, from, wire, policy].some((member) => member !== undefined) ||
  [alias, by].some(isUnusualName) ||
  filters.some(isOfOwnNames)

/** Ends a script that cannot go on. It says which step it cannot carry, and what can. */
const stopping = (law: string, why: string): ReadonlyArray<string> => [
  `echo ${single(`${why} Run: keystate conformance replay ${law}.json`)} >&2`,
  "ends INCONCLUSIVE 3"
]

const judging = (law: string, judgement: Judgement): ReadonlyArray<string> => {
  if (judgement.looksAt === "outcome") return [`decides ${judgement.allowed.join(" ")}`]
  return judgement.looksAt === "reply" ? [`shows ${single(judgement.test)}`] : stopping(law, judgement.why)
}

/** What the script does with an answer: it judges that of the decisive step, and goes on after the others. */
const answered = (found: Counterexample, index: number, members: Members): ReadonlyArray<string> => {
  if (index === decisiveIn(found)) return judging(found.law, judgementOf(found, index, members))
  const traced = found.steps[index]
  const allowed = traced === undefined || !traced.ok ? [] : reachingOf(traced, members)
  return allowed.length === 0 || allowed.length === 2 ? [] : [`reaches ${allowed.join(" ")}`]
}

/** How a family of services is called from a script. */
export interface Family {
  readonly commandOf: (step: Step, traced: TracedStep) => Command
  readonly members: Members
}

/** The script prints each step before its call. */
const linesOf = (found: Counterexample, index: number, { commandOf, members }: Family): ReadonlyArray<string> => {
  const traced = found.steps[index]
  const step = found.replay[index]
  if (traced === undefined || step === undefined) return []
  const said = `say ${single(`${traced.number}. ${traced.text}${traced.ok ? "" : `   EXPECTED ${traced.expected}`}`)}`
  const command = commandOf(step, traced)
  if (step.op === "Advance") return [said, ...(command.before ?? []), ""]
  if (command.call === undefined || isBeyondShell(step))
    return [said, ...stopping(found.law, "A shell cannot make this call."), ""]
  const judged = answered(found, index, members)
  return [said, ...(command.before ?? []), `call ${command.call}`, ...judged, ...keptOf(step, command), ""]
}

export const linesOfAll = (found: Counterexample, family: Family): ReadonlyArray<string> =>
  found.steps.flatMap((_, index) => linesOf(found, index, family))

/** The functions that make a call, keep its outcome, and judge it. The script of each command defines `kms` and `refusal`. */
export const judgingFunctions = (law: string): string => `law=${law}
errors=$(mktemp)
trap 'rm -f "$errors"' EXIT
say() { printf '\n%s\n' "$1"; }
ends() {
  printf '\n%s  %s\n' "$1" "$law"
  exit "$2"
}
# Makes a call and keeps its outcome: Success, or the code of the refusal.
call() {
  if reply=$(kms "$@" 2>"$errors"); then outcome=Success; else outcome=$(refusal); fi
  if [ -z "$outcome" ]; then
    printf '%s\n' "$reply" >&2
    cat "$errors" >&2
    ends "NO ANSWER" 2
  fi
  if [ "$outcome" = Success ]; then printf '%s\n' "$reply"; else printf 'refused: %s\n' "$outcome"; fi
}
member() { printf %s "$reply" | jq -r "$1"; }
is_one_of() {
  for allowed; do
    case $allowed in
      "$outcome") return 0 ;;
      refused) [ "$outcome" = Success ] || return 0 ;;
      refused-not-*) [ "$outcome" = Success ] || [ "$outcome" = "\${allowed#refused-not-}" ] || return 0 ;;
    esac
  done
  return 1
}
# A step before the one that broke the law.
reaches() {
  is_one_of "$@" || {
    echo "This step must be answered with $*. The next steps need it." >&2
    ends INCONCLUSIVE 3
  }
}
# The step that broke the law, by its outcome or by its reply.
decides() { if is_one_of "$@"; then ends FIXED 0; else ends "STILL FAILING" 1; fi; }
shows() {
  reaches Success
  if printf %s "$reply" | jq -e "$1" >/dev/null; then ends FIXED 0; else ends "STILL FAILING" 1; fi
}`

export const aboutExits = "# Exit code: 0 FIXED, 1 STILL FAILING, 2 no answer, 3 this script cannot tell."
