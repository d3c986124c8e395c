/** The vitest file of a counterexample, run as it is written against a service that breaks the law and against a sound one. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, expect, it } from "vitest"
import { replaySchema } from "../../src/conformance/counterexamples/replay.ts"
import { vitestScript } from "../../src/conformance/report/scripts/vitestScript.ts"
import { startAwsFake } from "./awsFake.ts"

const scratch = mkdtempSync(join(tmpdir(), "keystate-vitest-script-"))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const put = (name: string, text: string): void => writeFileSync(join(scratch, name), text)

/** Resolves the two packages that the file imports: this one, and a runner that has what the file needs of vitest. */
const hooks = `
import { registerHooks } from "node:module"
const own = ${JSON.stringify({
  "keystate/conformance": new URL("../../src/conformance/index.ts", import.meta.url).href,
  vitest: new URL(`file://${join(scratch, "runner.mjs")}`).href
})}
registerHooks({ resolve: (name, context, next) => next(own[name] ?? name, context) })
`
const runner = `
import { deepStrictEqual } from "node:assert"
export const expect = (value) => ({ toBe: (wanted) => deepStrictEqual(value, wanted) })
export const test = (name, run) => run().then(() => console.log("passed", name), (error) => {
  console.log("failed", name, error.message)
  process.exitCode = 1
})
`

const run = (endpoint: string): Promise<{ readonly code: number | null; readonly text: string }> =>
  new Promise((resolve) => {
    const env = { ...process.env, ENDPOINT: endpoint, AWS_EC2_METADATA_DISABLED: "true" }
    const args = ["--import", join(scratch, "hooks.mjs"), join(scratch, "KMS-LC-004.test.ts")]
    // The vendor's client is found from this repository.
    const cwd = fileURLToPath(new URL("../..", import.meta.url))
    const child = spawn(process.execPath, args, { cwd, env, stdio: ["ignore", "pipe", "inherit"] })
    let text = ""
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
    child.on("close", (code) => resolve({ code, text }))
  })

it("the vitest file of a counterexample fails at a broken service and passes at a correct one", async () => {
  const law = { law: "KMS-LC-004", sentence: "A Disabled key never encrypts." } as const
  const steps = [
    { op: "CreateKey", makes: "k1" },
    { op: "DisableKey", key: "k1" },
    { op: "Encrypt", key: "k1", text: "AA==" }
  ]
  put("hooks.mjs", hooks)
  put("runner.mjs", runner)
  put("KMS-LC-004.json", JSON.stringify({ schema: replaySchema, law: law.law, dialect: "aws", seed: "a", steps }))
  put("KMS-LC-004.test.ts", vitestScript(law, "aws"))
  const [faulty, sound] = await Promise.all([startAwsFake({ quirk: "stateNotAsked" }), startAwsFake()])
  const [failed, passed] = await Promise.all([run(faulty.endpoint), run(sound.endpoint)])
  await Promise.all([faulty.stop(), sound.stop()])
  expect([failed.code, failed.text]).toEqual([1, expect.stringContaining("'STILL FAILING'")])
  expect([passed.code, passed.text]).toEqual([0, "passed KMS-LC-004 A Disabled key never encrypts.\n"])
})
