/** A counterexample as something to run: calls of the vendor's command line, and a vitest file. */
import type { Counterexample } from "../report.ts"
import type { Step } from "../step.ts"

/** Where each thing a later call needs stands in the reply of the call that made it. */
const madeAt: Readonly<Record<string, string>> = {
  CreateKey: ".KeyMetadata.KeyId",
  Encrypt: ".CiphertextBlob",
  ReEncrypt: ".CiphertextBlob",
  GenerateDataKey: ".CiphertextBlob",
  GenerateDataKeyWithoutPlaintext: ".CiphertextBlob",
  GenerateAndExportDataKey: ".CiphertextBlob",
  AsymmetricEncrypt: ".CiphertextBlob",
  AsymmetricSign: ".Value",
  GetParametersForImport: ".ImportToken"
}

const single = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/** Parameters whose value an earlier call made, and the label it made it under. */
const takenFrom = (step: Step): Readonly<Record<string, string | undefined>> => ({
  KeyId: step.by === undefined ? step.key : undefined,
  ProtectedResourceArn: step.key,
  CiphertextBlob: step.twist === "tampered" || step.twist === "truncated" ? undefined : step.of,
  Value: step.twist === "tampered" ? undefined : step.of,
  ImportToken: step.of,
  DestinationKeyId: step.to
})

const argument = (name: string, value: unknown, step: Step): string => {
  const label = takenFrom(step)[name]
  return `--${name} ${label === undefined ? single(String(value)) : `"$${label.replaceAll(/[^A-Za-z0-9]/g, "_")}"`}`
}

/** A shell script of `aliyun kms` calls. What the service makes is read from its replies. */
export const shellScript = ({ law, sentence, steps, replay }: Counterexample): string => {
  const body = steps.flatMap((traced, index) => {
    const step = replay[index]
    if (step === undefined) return []
    const about = `# ${traced.number}. ${traced.text}${traced.ok ? "" : `   EXPECTED ${traced.expected}`}`
    if (step.op === "Advance")
      return [about, `keystate clock advance ${Math.ceil((step.millis ?? 0) / 1000)}s --endpoint "$ENDPOINT"`, ""]
    const parameters = Object.entries(traced.request).map(([name, value]) => argument(name, value, step))
    const call = [`kms ${step.op}`, ...parameters].join(" ")
    const at = madeAt[step.op]
    const keeps = at !== undefined && step.makes !== undefined && traced.got.startsWith("→")
    return [about, keeps ? `${step.makes ?? ""}=$(${call} | jq -r ${at})` : call, ""]
  })
  return [
    "#!/bin/sh",
    `# ${law}: ${sentence}`,
    "# Needs the aliyun command and jq. ENDPOINT is the server, as host:port.",
    'kms() { aliyun kms "$@" --version 2016-01-20 --endpoint "$ENDPOINT" --force; }',
    "",
    ...body
  ].join("\n")
}

/** A vitest file that fails as long as the law is broken. It stands beside the replay file. */
export const vitestScript = ({ law, sentence }: Counterexample): string => `/** ${law}: ${sentence} */
import { readFileSync } from "node:fs"
import { env } from "node:process"
import { expect, test } from "vitest"
import { overHttp, parseReplay, replay } from "keystate/conformance"

test(${JSON.stringify(`${law} ${sentence}`)}, async () => {
  const { ENDPOINT: endpoint = "http://127.0.0.1:8787", ACCESS_KEY_FILE: file = "ak.json" } = env
  const accessKey = JSON.parse(readFileSync(file, "utf8"))
  const adapter = await overHttp({ endpoint, accessKey, clock: () => performance.timeOrigin + performance.now() })
  const steps = parseReplay(readFileSync(new URL("./${law}.json", import.meta.url), "utf8"))
  expect((await replay(adapter, steps)).status).toBe("FIXED")
})
`
