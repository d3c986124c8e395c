/** The shell scripts of counterexamples, run for real against a sound server: each step gets what the model expects. */
import { spawn, spawnSync } from "node:child_process"
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { text } from "node:stream/consumers"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, expect, it } from "vitest"
import { fromDebian } from "../../src/development/debian.ts"
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import { replay, replaySchema } from "../../src/conformance/counterexamples/replay.ts"
import type { KmsAdapter } from "../../src/conformance/adapters/adapter.ts"
import { overAws } from "../../src/conformance/adapters/aws/aws.ts"
import { awsCurlScript, awsScript } from "../../src/conformance/report/scripts/awsScript.ts"
import type { LawId } from "../../src/conformance/lawbook/laws.ts"
import { startAwsFake } from "./awsFake.ts"
import { faultyServices } from "./faultyServices.ts"
import type { Counterexample } from "../../src/conformance/report/report.ts"
import type { Step } from "../../src/conformance/steps/step.ts"
import { aliyunCurlScript, aliyunScript } from "../../src/conformance/report/scripts/aliyunScript.ts"
import { accessKeyId, secret, startServer } from "../guide/serverFixture.ts"
import { commandFile } from "../programs.ts"

const day = 86_400_000
const scratch = mkdtempSync(join(tmpdir(), "keystate-script-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const put = (name: string, text: string): void => {
  writeFileSync(join(scratch, name), text)
  chmodSync(join(scratch, name), 0o755)
}

beforeAll(async () => {
  const look = () => (spawnSync("jq", ["--version"], { stdio: "ignore" }).status === 0 ? true : undefined)
  fromDebian({ name: "jq", packages: ["jq"], look })
  for (const [name, file] of [
    ["aliyun", fileURLToPath(new URL("aliyunFake.ts", import.meta.url))],
    ["aws", fileURLToPath(new URL("awsCommandFake.ts", import.meta.url))],
    ["keystate", await commandFile()]
  ] as const) {
    put(name, `#!/bin/sh\nexec "${process.execPath}" "${file}" "$@"\n`)
  }
})

/** The last of these steps breaks the law, or is taken for the one that did. */
const counterexampleOf = async (
  steps: ReadonlyArray<Step>,
  adapter: KmsAdapter = inProcess(),
  dialect = "alibaba",
  law: LawId = "KMS-LC-003"
): Promise<Counterexample> => {
  const told = { schema: replaySchema, law, dialect, seed: "script", steps } as const
  const { trace, finding } = await replay(adapter, told)
  expect(trace.map(({ operation }) => operation)).toEqual(steps.map(({ op }) => op))
  return {
    law: told.law,
    severity: "MUST",
    sentence: "A Disabled key never decrypts.",
    source: "",
    finding,
    phase: "walks",
    seed: told.seed,
    shrunkFrom: steps.length,
    steps: trace,
    replay: steps,
    replayed: "newService",
    shrinking: "done",
    withHistory: false,
    reproduced: true,
    lifecycle: "",
    sequence: ""
  }
}

interface Ended {
  readonly code: number | null
  /** The output of each step, by its number. */
  readonly heard: ReadonlyArray<string>
}

const run = (script: string, endpoint: string): Promise<Ended> =>
  new Promise((resolve) => {
    put("script.sh", script)
    const env = {
      ...process.env,
      PATH: `${scratch}:${process.env["PATH"] ?? ""}`,
      ENDPOINT: endpoint,
      ALIBABA_CLOUD_ACCESS_KEY_ID: accessKeyId,
      ALIBABA_CLOUD_ACCESS_KEY_SECRET: secret
    }
    const child = spawn("sh", ["-c", "exec ./script.sh 2>&1"], {
      cwd: scratch,
      env,
      stdio: ["ignore", "pipe", "inherit"]
    })
    let text = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    child.on("close", (code) => resolve({ code, heard: text.split(/^[0-9]+\. .*\n/m).slice(1) }))
  })

const codeIn = (heard: string): string => /^refused: ([\w.]+)/m.exec(heard)?.[1] ?? "Success"

const asExpected = (found: Counterexample): ReadonlyArray<string> =>
  found.steps.map(({ got, text }) => `${text}: ${/^$|^ok$|^→/.test(got) ? "Success" : got}`)

const asHeard = (found: Counterexample, heard: ReadonlyArray<string>): ReadonlyArray<string> =>
  found.steps.map(({ text }, index) => `${text}: ${codeIn(heard[index] ?? "nothing was said")}`)

it("the shell script of a counterexample gets every answer that the model expects", async () => {
  const steps: ReadonlyArray<Step> = [
    { op: "CreateKey", makes: "k1", kind: "external" },
    { op: "GetParametersForImport", key: "k1", makes: "t1" },
    { op: "ImportKeyMaterial", key: "k1", of: "t1", twist: "wrongLength" },
    { op: "ImportKeyMaterial", key: "k1", of: "t1", days: 30 },
    { op: "CreateAlias", key: "k1", alias: "a1" },
    { op: "Encrypt", by: "a1", key: "k1", text: "AA==", context: { it: "isn't" }, makes: "c1" },
    { op: "DescribeKey", key: "k1", twist: "unknownKey" },
    { op: "DisableKey", key: "k1" },
    { op: "Decrypt", of: "c1" },
    { op: "EnableKey", key: "k1" },
    { op: "Decrypt", of: "c1", twist: "tampered", bytes: 40 },
    { op: "Decrypt", of: "c1", twist: "truncated" },
    { op: "CreateKey", makes: "k2", kind: "EC_P256" },
    { op: "ListKeyVersions", key: "k2" },
    { op: "AsymmetricSign", key: "k2", text: "m", makes: "s1" },
    { op: "AsymmetricVerify", key: "k2", of: "s1" },
    { op: "DescribeKeyVersion", key: "k2", version: "k2.v1" },
    { op: "CreateKey", makes: "k3", kind: "external" },
    { op: "GetParametersForImport", key: "k3", algorithm: "RSAES_PKCS1_V1_5", makes: "t3" },
    { op: "ImportKeyMaterial", key: "k3", of: "t3", algorithm: "RSAES_OAEP_SHA_1" },
    { op: "ImportKeyMaterial", key: "k3", of: "t3", algorithm: "RSAES_PKCS1_V1_5" },
    { op: "ListKeys", page: 1 },
    { op: "ScheduleKeyDeletion", key: "k1", days: 7 },
    { op: "Advance", millis: 7 * day - 1 },
    { op: "DescribeKey", by: "a1", key: "k1" },
    { op: "Advance", millis: 1 },
    { op: "DescribeKey", key: "k1" }
  ]
  const found = await counterexampleOf(steps)
  await using server = await startServer({ clock: "virtual" })
  const { code, heard } = await run(aliyunScript(found), server.url)
  expect(asHeard(found, heard)).toEqual(asExpected(found))
  expect(heard[15]).toContain('"Value": true')
  expect([code, heard.at(-1)]).toEqual([0, expect.stringContaining("FIXED  KMS-LC-003")])
})

it("the shell script ends where a shell cannot continue, and names the alternative", async () => {
  const found = await counterexampleOf([
    { op: "CreateKey", makes: "k1" },
    { op: "Encrypt", key: "k1", text: "AA==", makes: "c1" },
    { op: "Encrypt", key: "k1", twist: "tooLong" }
  ])
  await using server = await startServer({ clock: "virtual" })
  const { code, heard } = await run(aliyunScript(found), server.url)
  expect(code).toBe(3)
  expect(heard.at(-1)).toContain("Run: keystate conformance replay KMS-LC-003.json")
  expect(heard.at(-1)).toContain("INCONCLUSIVE  KMS-LC-003")
})

it("the shell script calls the aws command for an AWS-style service", async () => {
  const steps: ReadonlyArray<Step> = [
    { op: "CreateKey", makes: "k1", text: "it isn't" },
    { op: "Encrypt", key: "k1", text: "AA==", context: { it: "isn't" }, makes: "c1" },
    { op: "Decrypt", of: "c1" },
    { op: "Decrypt", of: "c1", twist: "otherContext" },
    { op: "Decrypt", of: "c1", twist: "tampered", bytes: 40 },
    { op: "CreateKey", makes: "k2" },
    { op: "ReEncrypt", of: "c1", to: "k2", context: { a: "b" }, makes: "c2" },
    { op: "Decrypt", of: "c2" },
    { op: "GenerateDataKey", key: "k1", bytes: 24, makes: "c3" },
    { op: "CreateAlias", key: "k1", alias: "a1" },
    { op: "Encrypt", by: "a1", key: "k1", text: "AA==" },
    { op: "UpdateAlias", key: "k2", alias: "a1" },
    { op: "ListAliasesByKeyId", key: "k2" },
    { op: "TagResource", key: "k1", tags: { team: "red" } },
    { op: "ListResourceTags", key: "k1" },
    { op: "UntagResource", key: "k1", tags: { team: "" } },
    { op: "UpdateKeyDescription", key: "k1", text: "new" },
    { op: "DisableKey", key: "k1" },
    { op: "Encrypt", key: "k1", text: "AA==" },
    { op: "ScheduleKeyDeletion", key: "k1", days: 7 },
    { op: "EnableKey", key: "k1" },
    { op: "CancelKeyDeletion", key: "k1" },
    { op: "DescribeKey", key: "k1" },
    { op: "CreateKey", makes: "k3", kind: "external" },
    { op: "GetParametersForImport", key: "k3", makes: "t1" },
    { op: "ImportKeyMaterial", key: "k3", of: "t1", days: 30 },
    { op: "DeleteKeyMaterial", key: "k3" },
    { op: "CreateKey", makes: "k4", kind: "EC_P256" },
    { op: "AsymmetricSign", key: "k4", text: "m", makes: "s1" },
    { op: "AsymmetricVerify", key: "k4", of: "s1" },
    { op: "DescribeKey", key: "k1", twist: "unknownKey" },
    { op: "DeleteAlias", alias: "a1" }
  ]
  const fake = await startAwsFake()
  try {
    const accessKey = { accessKeyId: "test", secretAccessKey: "test" }
    const adapter = await overAws({ endpoint: fake.endpoint, clock: Date.now, accessKey })
    const found = await counterexampleOf(steps, adapter, "aws")
    const { code, heard } = await run(awsScript(found), fake.endpoint)
    expect(asHeard(found, heard)).toEqual(asExpected(found))
    expect(heard[29]).toContain("true")
    expect(code).toBe(0)
  } finally {
    await fake.stop()
  }
})

const shortSteps: ReadonlyArray<Step> = [
  { op: "CreateKey", makes: "k1", text: "it isn't (so) * !" },
  { op: "Encrypt", key: "k1", text: "AA==", context: { it: "isn't ~ *" }, makes: "c1" },
  { op: "DisableKey", key: "k1" },
  { op: "Decrypt", of: "c1" }
]

/** Passes requests on to a sound server. A refused Decrypt of a Disabled key is made while the key is Enabled. */
const startLiar = async (server: Awaited<ReturnType<typeof startServer>>) => {
  const owners: Array<unknown> = []
  const forward = async (body: string) => {
    const headers = { "content-type": "application/x-www-form-urlencoded" }
    const reply = await fetch(server.url, { method: "POST", headers, body })
    return { status: reply.status, text: await reply.text() }
  }
  const answer = async (body: string) => {
    const given = new URLSearchParams(body)
    const sound = await forward(body)
    if (given.get("Action") === "CreateKey") owners.push(JSON.parse(sound.text).KeyMetadata.KeyId)
    if (given.get("Action") !== "Decrypt" || sound.status !== 409) return sound
    const KeyId = owners.at(-1)
    await server.pop("EnableKey", { KeyId })
    const Names = ["CiphertextBlob", "EncryptionContext"] as const
    const opened = await server.pop("Decrypt", Object.fromEntries(Names.map((name) => [name, given.get(name)])))
    await server.pop("DisableKey", { KeyId })
    return { status: 200, text: JSON.stringify(opened) }
  }
  const liar = createServer((request, response) => {
    void text(request)
      .then(answer)
      .then(({ status, text: said }) => response.writeHead(status).end(said))
  })
  await new Promise<void>((resolve) => liar.listen(0, "127.0.0.1", resolve))
  return {
    url: `http://127.0.0.1:${(liar.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      liar.closeAllConnections()
      liar.close()
    }
  }
}

it("the shell scripts print STILL FAILING for a broken service and FIXED for a correct one", async () => {
  const found = await counterexampleOf(shortSteps, faultyServices.decryptsWhenDisabled())
  expect(found.finding).toBe("Decrypt was accepted; it should be refused.")
  await using server = await startServer({ clock: "virtual" })
  await using liar = await startLiar(server)
  for (const script of [aliyunScript(found), aliyunCurlScript(found)]) {
    const broken = await run(script, liar.url)
    expect([broken.code, broken.heard.at(-1)]).toEqual([1, expect.stringContaining("STILL FAILING  KMS-LC-003")])
    const sound = await run(script, server.url)
    expect([sound.code, sound.heard.at(-1)]).toEqual([0, expect.stringContaining("FIXED  KMS-LC-003")])
    expect(sound.heard.at(-1)).toContain("refused: Rejected.Disabled")
  }
  const absent = await run(aliyunCurlScript(found), "http://127.0.0.1:9")
  expect([absent.code, absent.heard.at(-1)]).toEqual([2, expect.stringContaining("NO ANSWER")])
})

it("the shell scripts for AWS judge outcomes and replies", async () => {
  const uses: ReadonlyArray<Step> = [
    { op: "CreateKey", makes: "k1" },
    { op: "TagResource", key: "k1", tags: { team: "red" } },
    { op: "DisableKey", key: "k1" },
    { op: "Encrypt", key: "k1", text: "AA==", context: { it: "isn't" } }
  ]
  const cancels: ReadonlyArray<Step> = [
    { op: "CreateKey", makes: "k1" },
    { op: "ScheduleKeyDeletion", key: "k1", days: 7 },
    { op: "CancelKeyDeletion", key: "k1" },
    { op: "DescribeKey", key: "k1" }
  ]
  const sound = await startAwsFake()
  for (const [quirk, law, steps] of [
    ["stateNotAsked", "KMS-LC-004", uses],
    ["cancelEnables", "KMS-DEL-007", cancels]
  ] as const) {
    const broken = await startAwsFake({ quirk })
    const accessKey = { accessKeyId: "test", secretAccessKey: "test" }
    const adapter = await overAws({ endpoint: broken.endpoint, clock: Date.now, accessKey })
    const found = await counterexampleOf(steps, adapter, "aws", law)
    for (const script of law === "KMS-LC-004" ? [awsScript(found), awsCurlScript(found)] : [awsCurlScript(found)]) {
      expect([(await run(script, broken.endpoint)).code, (await run(script, sound.endpoint)).code]).toEqual([1, 0])
    }
    await broken.stop()
  }
  await sound.stop()
})

it("the shell script is inconclusive after an unexpected answer, and at a reply that needs the suite", async () => {
  const found = await counterexampleOf(shortSteps, faultyServices.decryptsWhenDisabled())
  const [made, ...others] = found.steps
  await using server = await startServer({ clock: "virtual" })
  const refused = { ...found, steps: [{ ...made, expected: "Rejected.LimitExceeded" }, ...others] } as Counterexample
  const early = await run(aliyunCurlScript(refused), server.url)
  expect([early.code, early.heard.at(-1)]).toEqual([3, expect.stringContaining("must be answered with refused")])
  const listed = await counterexampleOf([{ op: "CreateKey", makes: "k1" }, { op: "ListKeys" }])
  const wrong = {
    ...listed,
    finding: "one",
    steps: listed.steps.map((step) => ({ ...step, ok: false, faults: ["one"] }))
  }
  const last = await run(
    aliyunCurlScript({ ...wrong, steps: [...listed.steps.slice(0, 1), ...wrong.steps.slice(1)] }),
    server.url
  )
  expect([last.code, last.heard.at(-1)]).toEqual([3, expect.stringContaining("a script does not compare")])
})

it.each(["a\0b", "\ud800"])(
  "the shell script ends before the text %j, which no shell word can contain",
  async (name) => {
    const steps: ReadonlyArray<Step> = [
      { op: "CreateKey", makes: "k1" },
      { op: "UpdateKeyDescription", key: "k1", text: name }
    ]
    const found = await counterexampleOf(steps)
    expect(aliyunScript(found)).toContain("A shell cannot make this call.")
  }
)
