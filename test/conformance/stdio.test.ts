/** Services in other languages: the protocol, and programs that must not make the suite hang or pass. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { overStdio } from "../../src/conformance/adapters/stdio.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import { patience } from "../patience.ts"
import { installPython } from "./python.ts"
import { commandFile } from "../programs.ts"

const toyFile = fileURLToPath(new URL("../../docs/examples/toy_kms.py", import.meta.url))
const place = mkdtempSync(join(tmpdir(), "keystate-stdio-"))
afterAll(() => rmSync(place, { recursive: true, force: true }))
beforeAll(installPython)

const bounded = { seed: "toy", runs: 20 } as const

/** A program that reports its capabilities, and runs this code for each further message `m`. */
const programThat = (does: string): string => {
  const file = join(place, `${does.length}-${Math.abs(hash(does))}.cjs`)
  writeFileSync(
    file,
    `const has = { operations: ["CreateKey", "DescribeKey"], clock: "none", reset: "perRun", profiles: ["core"] }
const say = (m) => console.log(JSON.stringify(m))
require("node:readline").createInterface({ input: process.stdin }).on("line", (line) => {
  const m = JSON.parse(line)
  if (m.do === "describe") say({ id: m.id, name: "a program", capabilities: has })
  else { ${does} }
})
`
  )
  return `${process.execPath} ${file}`
}

const hash = (text: string): number => [...text].reduce((sum, letter) => Math.imul(sum, 31) + letter.charCodeAt(0), 7)

const errorOf = async (does: string, timeoutMillis = patience): Promise<string> => {
  const report = await runConformance(await overStdio({ command: programThat(does), timeoutMillis }), bounded)
  expect(report.exitCode).toBe(2)
  expect(report.verdict).toBe("error")
  return report.error ?? ""
}

describe("programs that use the protocol", () => {
  it("a correct program on standard streams passes: the toy in Python", async () => {
    const report = await runConformance(await overStdio({ command: `python3 ${toyFile}` }), bounded)
    expect(report.counterexamples).toEqual([])
    expect(report.verdict).toBe("pass")
    expect(report.laws.filter(({ status }) => status === "passed").length).toBeGreaterThan(30)
    expect(report.skipped.length).toBeGreaterThan(0)
  })

  it("the suite catches a faulty program on standard streams, with the shortest counterexample", async () => {
    const lying = join(place, "lying.py")
    const source = readFileSync(toyFile, "utf8")
    const sound = 'if key["state"] != "Enabled"'
    expect(source.split(sound).length).toBe(2)
    writeFileSync(lying, source.replace(sound, 'if key["state"] == "PendingDeletion"'))
    const report = await runConformance(await overStdio({ command: `python3 ${lying}` }), bounded)
    expect(report.exitCode).toBe(1)
    const found = report.counterexamples.find(({ law }) => law === "KMS-LC-003")
    expect(found?.steps.map(({ operation }) => operation)).toEqual(["CreateKey", "Encrypt", "DisableKey", "Decrypt"])
  })
})

describe("programs with optional features", () => {
  it("the suite restarts a program that offers restarts, and reports what the program forgets", async () => {
    const forgetful = join(place, "forgetful.py")
    const source = readFileSync(toyFile, "utf8")
    const sound = "keys, sealed = json.loads(json.dumps([keys, sealed]))"
    expect(source.split(sound).length).toBe(2)
    writeFileSync(forgetful, source.replace(sound, "[key.update(text='') for key in keys.values()]"))
    const options = { ...bounded, phases: ["metamorphic"] } as const
    const report = await runConformance(await overStdio({ command: `python3 ${forgetful}` }), options)
    expect(report.counterexamples.map(({ law }) => law)).toContain("KMS-RST-001")
  })

  it("the suite calls a program from another region, and uses only what the program offers", async () => {
    const says = `say({ id: m.id, ok: true, keyId: "k", response: m })`
    const adapter = await overStdio({
      command: programThat(says),
      timeoutMillis: patience
    })
    const answer = await adapter.call("DescribeKey", { KeyId: "k" }, undefined, "otherRegion")
    expect(answer).toMatchObject({ ok: true, response: { do: "call", from: "otherRegion" } })
    expect([adapter.restart, adapter.callAs, adapter.grant, adapter.setKeyPolicy]).toEqual(Array(4).fill(undefined))
  })
})

describe("programs that fail", () => {
  it("a program that never answers is an adapter error", async () => {
    // The limit applies to the start of the program too, which a busy machine delays.
    for (let millis = 1000; ; millis *= 2) {
      const error = await errorOf("", millis).catch((late: unknown) => late)
      if (millis < patience && String(error).includes("did not answer describe")) continue
      expect(error).toContain(`did not answer start within ${millis} ms`)
      return
    }
  })
  it("a program that answers with text that is not JSON is an adapter error", async () => {
    expect(await errorOf("console.log('Traceback: it broke')")).toMatch(/not a JSON object: Traceback/)
  })
  it("a program that answers an unsent message is an adapter error", async () => {
    expect(await errorOf("say({ id: 99, ok: true })")).toMatch(/matches no request/)
  })
  it("a program that ends early is an adapter error", async () => {
    expect(await errorOf("if (m.do === 'call') process.exit(3); say({ id: m.id, ok: true })")).toMatch(
      /ended with code 3/
    )
  })
  it("a program whose answer is neither a success nor a refusal is an adapter error", async () => {
    expect(await errorOf("say(m.do === 'call' ? { id: m.id, ok: 'yes' } : { id: m.id, ok: true })")).toMatch(/ok true/)
  })
  it("a program that writes without end is an adapter error", async () => {
    expect(await errorOf("setInterval(() => process.stdout.write('x'.repeat(65536)), 0)")).toMatch(
      /no end of a line|did not answer/
    )
  })
  it("a program that cannot start or claims an unknown operation is an adapter error", async () => {
    await expect(overStdio({ command: "there-is-no-such-program" })).rejects.toThrow(/code 127/)
    const command = programThat("").replace(".cjs", "-claims.cjs")
    writeFileSync(
      command.split(" ")[1] ?? "",
      `process.stdin.once("data", () => console.log(JSON.stringify({ id: 1, capabilities: { operations: ["Teleport"] } })))`
    )
    await expect(overStdio({ command })).rejects.toThrow(/Teleport, which is no operation/)
  })
})

const cli = await commandFile()
const command = (...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [cli, "conformance", "--runs", "5", "--out", join(place, "failures"), ...args], {
    encoding: "utf8",
    timeout: patience
  })

describe("keystate conformance --command", () => {
  it("conformance --command exits with 0 for a pass, and writes the report to the given file", () => {
    const [html, junit] = [join(place, "report.html"), join(place, "report.xml")]
    const run = command("--command", `python3 ${toyFile}`, "--html", html, "--junit", junit)
    expect(run.stdout).toContain("PASS")
    expect(run.status).toBe(0)
    expect(readFileSync(html, "utf8")).toMatch(/^<!doctype html>[\s\S]*<\/html>\n$/)
    expect(readFileSync(junit, "utf8")).toContain("<testsuites ")
  })

  it("conformance --command exits with 2 when the program does not speak the protocol", () => {
    const run = command("--command", "echo good morning")
    expect(run.stderr).toMatch(/not a JSON object: good morning|no longer reads/)
    expect(run.status).toBe(2)
  })
})
