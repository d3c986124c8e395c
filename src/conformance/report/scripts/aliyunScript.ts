/** A counterexample as a shell script of calls of the vendor's `aliyun` command. */
import type { Step } from "../../steps/step.ts"
import type { Counterexample, TracedStep } from "../report.ts"
import { aboutBursts, aliasesIn, helpersIn, linesOfAll, say, single, variable, versionOf, wordOf } from "./shell.ts"
import type { Command } from "./shell.ts"

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
    call: words.includes(undefined) ? undefined : [`kms ${step.op}`, ...words].join(" "),
    madeAt: madeAt[step.op]
  }
}

/** Values that the service creates are read from its replies. */
export const aliyunScript = (found: Counterexample): string => {
  const { law, sentence, replay } = found
  const body = linesOfAll(found, commandOf)
  return [
    "#!/bin/sh",
    `# ${law}: ${sentence}`,
    "# Needs the commands aliyun, jq and keystate, and the server's access key in ALIBABA_CLOUD_ACCESS_KEY_ID and",
    "# ALIBABA_CLOUD_ACCESS_KEY_SECRET.",
    ...aboutBursts(replay),
    'ENDPOINT="${ENDPOINT:-http://127.0.0.1:8787}"',
    'case "$ENDPOINT" in https://*) over=--secure ;; *) over=--insecure ;; esac',
    "kms() {",
    '  aliyun kms "$@" --version 2016-01-20 --endpoint "${ENDPOINT#*://}" "$over" --region "${REGION:-cn-hangzhou}" --force',
    "}",
    say,
    ...helpersIn(body, helpers),
    ...aliasesIn(replay),
    ...(replay.some(({ op }) => op === "Advance") ? ['keystate clock freeze --endpoint "$ENDPOINT"'] : []),
    "",
    ...body
  ].join("\n")
}
