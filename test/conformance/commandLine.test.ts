/** `keystate conformance` from outside: exit codes, files, and running a counterexample again. */
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { startAwsFake } from "./awsFake.ts"
import { commandFile } from "../programs.ts"

const command = await commandFile()
const toy = fileURLToPath(new URL("../../docs/examples/toyAdapter.ts", import.meta.url))
const scratch = mkdtempSync(join(tmpdir(), "keystate-conformance-cli-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

interface Ended {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

const conformance = (...given: ReadonlyArray<string>): Promise<Ended> =>
  new Promise((resolve) => {
    // No credentials are set: calls to a service on this machine use placeholders.
    const env = { ...process.env, AWS_EC2_METADATA_DISABLED: "true" }
    execFile(process.execPath, [command, "conformance", ...given], { cwd: scratch, env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
    })
  })

const at = (name: string): string => join(scratch, name)

describe("the toy of the how-to", () => {
  let ran: Ended
  beforeAll(async () => {
    ran = await conformance("--adapter", toy, "--out", at("failures"), "--json", at("report.json"))
  })

  it("the command finds that the toy of the how-to decrypts under a disabled key", () => {
    expect(ran.code).toBe(1)
    expect(ran.stdout).toContain("FAIL KMS-LC-003 (MUST)  A Disabled key never decrypts.")
    expect(ran.stdout).toMatch(/4 Decrypt c1 +ok +✗/)
    expect(ran.stdout).toContain("expected  Rejected.Disabled")
    expect(ran.stdout).toContain("Replayed on a new service: the law broke again.")
    expect(ran.stdout).toMatch(/^ +\d+ combinations of \d+ laws, 2 kinds of key, \d states and 1 callers; 0 of them/m)
    expect(ran.stdout).toMatch(/^VIOLATION {2}toy/m)
  })

  it("the command prints its progress without a terminal", () => {
    expect(ran.stderr).toMatch(/^metamorphic 1\/\d+ · \d+ calls · \d+ broken$/m)
    expect(ran.stderr).toMatch(/^shrinking /m)
  })

  it("the command writes a report and eight files for each broken law", () => {
    const report: unknown = JSON.parse(readFileSync(at("report.json"), "utf8"))
    expect(report).toMatchObject({ schema: "keystate-conformance/1", verdict: "violation", exitCode: 1 })
    for (const ending of [
      "txt",
      "json",
      "sh",
      "curl.sh",
      "test.ts",
      "lifecycle.svg",
      "lifecycle.mmd",
      "sequence.mmd"
    ]) {
      expect(existsSync(at(`failures/KMS-LC-003.${ending}`))).toBe(true)
    }
    expect(readFileSync(at("failures/KMS-LC-003.sh"), "utf8")).toContain('call Decrypt --CiphertextBlob "$c1"')
    expect(readFileSync(at("failures/KMS-LC-003.lifecycle.svg"), "utf8")).toContain("A Disabled key never decrypts.")
    expect(readFileSync(at("failures/KMS-LC-003.lifecycle.mmd"), "utf8")).toContain(
      "Disabled --> Disabled : 4. Decrypt ✗"
    )
  })

  it("the command compares reports on one page, and writes an issue for a broken law", async () => {
    const compared = await conformance("compare", "--html", at("all.html"), at("report.json"), at("report.json"))
    expect([compared.code, compared.stderr]).toEqual([0, ""])
    expect(readFileSync(at("all.html"), "utf8")).toContain("✗ broken")
    const issue = await conformance("issue", at("report.json"), "--law", "KMS-LC-003")
    expect(issue.stdout).toMatch(/^# A Disabled key never decrypts\./)
    const none = await conformance("issue", at("report.json"), "--law", "KMS-LC-001")
    expect([none.code, none.stderr]).toEqual([
      1,
      expect.stringContaining("no counterexample of KMS-LC-001, but of KMS-")
    ])
  })

  it("a replay of the counterexample fails on the toy, and passes on Keystate", async () => {
    const file = at("failures/KMS-LC-003.json")
    const again = await conformance("replay", file, "--adapter", toy)
    expect([again.code, again.stdout.includes("STILL FAILING  KMS-LC-003")]).toEqual([1, true])
    const honest = await conformance("replay", file)
    expect([honest.code, honest.stdout.includes("FIXED  KMS-LC-003")]).toEqual([0, true])
  })

  it("the command passes when all broken laws are known", async () => {
    const known = ["--known", "KMS-LC-003", "--known", "KMS-CTX-009"]
    const little = ["--out", at("none"), "--runs", "20", "--parallel", "1"]
    const { code, stdout } = await conformance("--adapter", toy, ...little, ...known)
    expect([code, /^PASS/m.test(stdout), stdout.includes("2 known")]).toEqual([0, true, true])
  })
})

describe("a counterexample of another family of services", () => {
  it("the command replays a counterexample in its own dialect", async () => {
    const fake = await startAwsFake({ quirk: "anyWindow" })
    try {
      const steps = [
        { op: "CreateKey", makes: "k1" },
        { op: "ScheduleKeyDeletion", key: "k1", twist: "tooShort" }
      ]
      const replay = { schema: "keystate-conformance-replay/1", law: "KMS-DEL-002", dialect: "aws", seed: "a", steps }
      writeFileSync(at("aws.json"), JSON.stringify(replay))
      const again = await conformance("replay", "aws.json", "--endpoint", fake.endpoint)
      expect([again.code, again.stdout.includes("STILL FAILING  KMS-DEL-002")]).toEqual([1, true])
      expect(again.stdout).toContain("expected  ValidationException")
    } finally {
      await fake.stop()
    }
  })
})

describe("services that cannot be tested", () => {
  it("the command names a service or adapter that cannot be tested, with exit code 2", async () => {
    writeFileSync(at("ak.json"), '{"accessKeyId":"a","accessKeySecret":"b"}')
    const unreachable = await conformance("--endpoint", "http://127.0.0.1:9", "--access-key-file", at("ak.json"))
    expect([unreachable.code, unreachable.stderr.trim()]).toEqual([
      2,
      "ERROR\n  Nothing answers at http://127.0.0.1:9."
    ])
    const noModule = await conformance("--adapter", "nowhere.ts")
    expect([noModule.code, noModule.stderr.trim()]).toEqual([
      2,
      "ERROR\n  nowhere.ts exports no adapter: there is no such file."
    ])
    writeFileSync(at("empty.ts"), "export default 3\n")
    const noAdapter = await conformance("--adapter", "empty.ts")
    expect([noAdapter.code, noAdapter.stderr]).toEqual([
      2,
      expect.stringContaining("not an adapter and does not make one")
    ])
  })

  it("the command refuses wrong arguments before any call", async () => {
    const law = await conformance("--known", "KMS-XX-001")
    expect([
      law.code,
      law.stderr.includes('--known takes the id of a law, such as KMS-LC-003, not "KMS-XX-001".')
    ]).toEqual([1, true])
    const budget = await conformance("--budget", "soon")
    expect([budget.code, budget.stderr.includes("--budget takes a number and a unit")]).toEqual([1, true])
    const file = await conformance("replay", "report.json")
    expect([file.code, file.stderr.includes("This is not a replay file")]).toEqual([1, true])
    writeFileSync(at("words.json"), "some words")
    const words = await conformance("replay", at("words.json"))
    expect([words.code, words.stderr.includes("words.json: it is not JSON.")]).toEqual([1, true])
  })

  it("a replay is inconclusive when the counterexample does not reach its law", async () => {
    const replay = { schema: "keystate-conformance-replay/1", law: "KMS-LC-003", dialect: "alibaba", seed: "a" }
    writeFileSync(at("short.json"), JSON.stringify({ ...replay, steps: [{ op: "CreateKey", makes: "k1" }] }))
    expect((await conformance("replay", "short.json")).code).toBe(3)
  })
})
