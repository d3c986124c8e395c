/** Every program that an npm script runs exists, and those of the tests explain their options. */
import { execFile } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { Schema } from "effect"
import { describe, expect, it } from "vitest"

const Manifest = Schema.fromJsonString(Schema.Struct({ scripts: Schema.Record(Schema.String, Schema.String) }))
const { scripts } = Schema.decodeUnknownSync(Manifest)(readFileSync("package.json", "utf8"))

/** Each script with the file of each program that it starts. */
const programs = Object.entries(scripts).flatMap(([script, line]) =>
  [...line.matchAll(/\bnode (\S+\.ts)/g)].map(([, file = ""]) => ({ script, file }))
)

/** `package:check` takes no options, and drawing the console's pictures neither. */
const withoutOptions = new Set(["package:check", "docs:pictures"])
const ofTests = programs.filter(({ file, script }) => file.startsWith("test/") && !withoutOptions.has(script))

const run = (file: string, ...words: ReadonlyArray<string>) =>
  new Promise<{ readonly exit: number; readonly out: string; readonly err: string }>((resolve) => {
    const child = execFile(process.execPath, [file, ...words], (_error, out, err) =>
      resolve({ exit: child.exitCode ?? -1, out, err })
    )
  })

describe("a program of an npm script", () => {
  it("every npm script names programs that exist", () => {
    expect(programs.length).toBeGreaterThan(20)
    expect(programs.filter(({ file }) => !existsSync(file))).toEqual([])
  })

  it.each(ofTests)("npm run $script -- --help prints help, and runs nothing", async ({ script, file }) => {
    const { err, exit, out } = await run(file, "--help")
    expect({ err, exit, out }).toEqual({ err: "", exit: 0, out: expect.stringContaining(`npm run ${script} -- `) })
  })

  it("a program of the tests refuses a wrong option with its help", async () => {
    const { err, exit, out } = await run("test/crash/run.ts", "--kils", "1")
    expect([exit, out]).toEqual([2, ""])
    expect(err).toMatch(/^Unknown option '--kils'[\s\S]*\n\nnpm run kills -- \[options\]\n/)
  })
})
