/** `npm run campaign -- [--only NAMES] [--size NAME=N]`: runs the attacks and writes their results to docs/reliability.md. */
import { execFileSync, spawnSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { cpus } from "node:os"
import { fileURLToPath } from "node:url"
import { parseArgs } from "node:util"
import { attacks } from "./attacks.ts"
import type { Attack } from "./attacks.ts"
import { pageOf, readResults } from "./page.ts"
import type { Result } from "./page.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const resultsFile = fileURLToPath(new URL("results.json", import.meta.url))
const pageFile = fileURLToPath(new URL("../../docs/reliability.md", import.meta.url))

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    size: { type: "string", multiple: true, default: [] }
  }
})

const sizes = new Map(
  values.size.map((given) => {
    const [name = "", size] = given.split("=")
    return [name, Number(size)] as const
  })
)
const names = values.only?.split(",") ?? attacks.map(({ name }) => name)
const unknown = [...names, ...sizes.keys()].find((name) => !attacks.some((attack) => attack.name === name))
if (unknown !== undefined) throw new Error(`there is no attack ${unknown}`)

const git = (...words: ReadonlyArray<string>): string =>
  execFileSync("git", words, { cwd: root, encoding: "utf8" }).trim()

/** The commit of the sources before this campaign writes its results. */
const commit = git("rev-parse", "--short=12", "HEAD") + (git("status", "--porcelain") === "" ? "" : ", changed")

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? ""

const run = ({ mustFail, name, program, size }: Attack): Result => {
  const chosen = sizes.get(name) ?? size
  const { status, stdout } = spawnSync(process.execPath, program(chosen), {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "inherit"]
  })
  return {
    name,
    size: chosen,
    figures: lastLine(stdout),
    holds: (status === 0) !== mustFail,
    commit,
    date: new Date().toISOString().slice(0, 10),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? "unknown"}, Node ${process.versions.node}`
  }
}

const results = new Map(readResults(readFileSync(resultsFile, "utf8")).map((result) => [result.name, result]))
for (const attack of attacks.filter(({ name }) => names.includes(name))) {
  const result = run(attack)
  results.set(attack.name, result)
  process.stdout.write(`${attack.name}: ${result.holds ? "holds" : "BROKEN"}: ${result.figures}\n`)
  const known = attacks.flatMap(({ name }) => results.get(name) ?? [])
  writeFileSync(resultsFile, `${JSON.stringify(known, null, 2)}\n`)
  writeFileSync(pageFile, pageOf(known))
}
process.exitCode = names.every((name) => results.get(name)?.holds === true) ? 0 : 1
