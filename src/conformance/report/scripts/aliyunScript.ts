/** A counterexample as a shell script of calls of the vendor's `aliyun` command, or of the same calls by curl. */
import type { Step } from "../../steps/step.ts"
import type { Counterexample, TracedStep } from "../report.ts"
import {
  aboutExits,
  aliasesIn,
  helpersIn,
  judgingFunctions,
  linesOfAll,
  single,
  variable,
  versionOf,
  wordOf
} from "./shell.ts"
import type { Command, Family } from "./shell.ts"

const dayMillis = 86_400_000

/** The path in a reply to each value that a later call needs. */
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

const helpers = {
  now: `now() {
  { keystate clock show --endpoint "$ENDPOINT" 2>/dev/null || date -u '+{"Now":"%Y-%m-%dT%H:%M:%SZ"}'; } |
    jq -r '.Now | sub("[.][0-9]+"; "") | fromdateiso8601'
}`
} as const

/** Versions are identified by their age. */
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

const commandOf = (step: Step, { request }: TracedStep): Command => {
  if (step.op === "Advance") return { before: advanced(step.millis ?? 0), call: undefined, madeAt: undefined }
  const words = Object.entries(request).map(([name, value]) => {
    const word = wordOf(step, name, value)
    return word === undefined ? undefined : `--${name} ${word}`
  })
  return {
    before: versionFound(step, request),
    call: words.includes(undefined) ? undefined : [step.op, ...words].join(" "),
    madeAt: madeAt[step.op]
  }
}

const family: Family = { commandOf, members: { valid: ".Value" } }

/** The vendor's command. */
const aliyun = `case "$ENDPOINT" in https://*) over=--secure ;; *) over=--insecure ;; esac
kms() {
  aliyun kms "$@" --version 2016-01-20 --endpoint "\${ENDPOINT#*://}" "$over" --region "\${REGION:-cn-hangzhou}" --force
}
refusal() { sed -n 's/.*ErrorCode: *\\([A-Za-z0-9.]*\\).*/\\1/p' "$errors"; }`

/** The same words as for the vendor's command, signed by HMAC-SHA1 and sent by curl. */
const curl = `encoded='def encoded: @uri | gsub("!"; "%21") | gsub("[*]"; "%2A") | gsub("\\u0027"; "%27") | gsub("[(]"; "%28") | gsub("[)]"; "%29");'
encode() { printf %s "$1" | jq -sRr "$encoded encoded"; }
kms() {
  action=$1
  shift
  set -- "$@" --Action "$action" --Version 2016-01-20 --Format JSON --AccessKeyId "$ALIBABA_CLOUD_ACCESS_KEY_ID" \\
    --SignatureMethod HMAC-SHA1 --SignatureVersion 1.0 --SignatureNonce "$(openssl rand -hex 16)" \\
    --Timestamp "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
  # jq must not take a word for an option of its own.
  for word; do
    set -- "$@" "=$word"
    shift
  done
  query=$(jq -nr "$encoded"'
    ($ARGS.positional | map(.[1:])) as $words
    | [range(0; $words | length; 2) as $at | [$words[$at][2:], $words[$at + 1]]]
    | sort_by(.[0]) | map("\\(.[0] | encoded)=\\(.[1] | encoded)") | join("&")' --args "$@")
  signature=$(printf 'POST&%%2F&%s' "$(encode "$query")" |
    openssl dgst -sha1 -hmac "$ALIBABA_CLOUD_ACCESS_KEY_SECRET&" -binary | openssl base64 -A)
  answer=$(mktemp)
  status=$(curl -sS -o "$answer" -w '%{http_code}' --data-raw "$query&Signature=$(encode "$signature")" "$ENDPOINT/")
  cat "$answer"
  rm -f "$answer"
  [ "$status" = 200 ]
}
refusal() { printf %s "$reply" | jq -r '.Code // empty' 2>/dev/null; }`

const scriptWith =
  (commands: string, functions: string) =>
  (found: Counterexample): string => {
    const { law, sentence, replay } = found
    const body = linesOfAll(found, family)
    const movesTime = replay.some(({ op }) => op === "Advance")
    return [
      "#!/bin/sh",
      `# ${law}: ${sentence}`,
      `# Needs the commands ${commands}${movesTime ? " and keystate" : ""}, and the server's access key in`,
      "# ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET.",
      aboutExits,
      'ENDPOINT="${ENDPOINT:-http://127.0.0.1:8787}"',
      functions,
      judgingFunctions(law),
      ...helpersIn(body, helpers),
      ...aliasesIn(replay),
      ...(movesTime ? ['keystate clock freeze --endpoint "$ENDPOINT"'] : []),
      "",
      ...body
    ].join("\n")
  }

/** Calls of the vendor's `aliyun` command. */
export const aliyunScript = scriptWith("aliyun, jq, openssl", aliyun)

/** The same calls, made by curl alone. */
export const aliyunCurlScript = scriptWith("curl, jq, openssl", curl)
