/** `npm run mutants -- [--only GROUPS] [--first N] [--again]`: changes the sources in small ways, and lists the changes that no test notices. */
import { spawnSync } from "node:child_process"
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { stampNow } from "../campaign/stamp.ts"
import { readScores, writeScores } from "../campaign/stored.ts"
import { groups } from "./groups.ts"
import type { Group } from "./groups.ts"
import { mutantsOf, percentOf, scoreOf } from "./report.ts"
import type { Judged, Mutant, Score } from "./report.ts"
import { programOptions } from "../programOptions.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))
const folder = fileURLToPath(new URL(".", import.meta.url))
/** A separate folder below the packages of the project, so that Stryker finds its own Vitest. */
const packages = join(root, "node_modules", ".cache", "keystate-mutation")
const scope = join(packages, "node_modules", "@stryker-mutator")
const stryker = join(scope, "core", "bin", "stryker.js")

/** The share of mutants that the tests of each group must notice, in percent. */
const goal = 90

const { values } = programOptions({
  command: "npm run mutants -- [options]",
  does: "Changes the sources in small ways, and lists the changes that no test notices.",
  options: {
    only: { type: "string", about: "names of groups, with commas between them; all if absent" },
    first: { type: "string", about: "only so many groups, from the first" },
    concurrency: { type: "string", default: "2", about: "how many mutants at once" },
    again: {
      type: "boolean",
      default: false,
      about: "runs only the mutants that changed sources or tests concern; changes of other files are not seen"
    }
  }
})
const names = values.only?.split(",") ?? groups.slice(0, Number(values.first ?? groups.length)).map(({ name }) => name)
const unknown = names.find((name) => !groups.some((group) => group.name === name))
if (unknown !== undefined)
  throw new Error(`There is no group ${unknown}. The groups: ${groups.map(({ name }) => name).join(", ")}.`)

const judged: ReadonlyArray<Judged> = JSON.parse(readFileSync(join(folder, "judged.json"), "utf8"))

/** Stryker is installed when it is first used. */
const install = (): void => {
  if (existsSync(stryker)) return
  mkdirSync(packages, { recursive: true })
  for (const file of ["package.json", "package-lock.json", ".npmrc"])
    copyFileSync(join(folder, file), join(packages, file))
  const { status } = spawnSync("npm", ["ci"], { cwd: packages, stdio: ["ignore", "ignore", "inherit"] })
  if (status !== 0) throw new Error(`Stryker could not be installed: run npm ci in ${packages}.`)
}

const settingsFor = ({ mutates, name }: Group, scratch: string) => ({
  testRunner: "vitest",
  plugins: [join(scope, "vitest-runner", "dist", "src", "index.js")],
  vitest: { configFile: "test/mutation/vitest.config.ts", related: false },
  mutate: mutates,
  ignorePatterns: [".git", "dist", "docs/.vitepress/dist"],
  // Stryker reads tsconfig.json by an interface that TypeScript 7 does not have.
  tsconfigFile: "absent.json",
  reporters: ["json", "progress-append-only"],
  jsonReporter: { fileName: join(scratch, "report.json") },
  tempDirName: join(scratch, "sandbox"),
  concurrency: Number(values.concurrency),
  coverageAnalysis: "perTest",
  // A slow machine must not pass for an endless loop: those are found by their count of turns.
  timeoutMS: 180_000,
  dryRunTimeoutMinutes: 60,
  incremental: true,
  incrementalFile: join(packages, `${name}.json`),
  force: !values.again,
  allowConsoleColors: false
})

const mutate = (group: Group): Score => {
  const scratch = mkdtempSync(join(tmpdir(), "keystate-mutation-"))
  try {
    const settings = join(scratch, "stryker.json")
    writeFileSync(settings, JSON.stringify(settingsFor(group, scratch)))
    const { status } = spawnSync(process.execPath, [stryker, "run", settings], {
      cwd: root,
      env: { ...process.env, KEYSTATE_MUTATION_TESTS: group.tests.join("\n") },
      stdio: ["ignore", 2, 2]
    })
    if (status !== 0) throw new Error(`Stryker failed on the group ${group.name}.`)
    return scoreOf(mutantsOf(readFileSync(join(scratch, "report.json"), "utf8")), judged)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const firstLine = (text: string): string => text.split("\n")[0] ?? ""

const textOf = ({ file, line, mutator, original, replacement, status }: Mutant): string =>
  `${status === "NoCoverage" ? "not executed" : "survived"}: ${file}:${line} ${mutator}\n  - ${firstLine(original)}\n  + ${firstLine(replacement)}\n`

/** Keeps the score for the page of reliability. */
const store = (name: string, { counted, judged: known, killed, unjudged: unknown }: Score): void => {
  const score = { group: name, mutants: counted, noticed: killed, judged: known.length, unjudged: unknown.length }
  const kept = new Map(readScores().map((one) => [one.group, one]))
  kept.set(name, { ...score, ...stamp })
  writeScores(groups.flatMap((group) => kept.get(group.name) ?? []))
}

install()
const stamp = stampNow()
const scores = groups
  .filter(({ name }) => names.includes(name))
  .map((group) => {
    const score = mutate(group)
    store(group.name, score)
    for (const mutant of score.unjudged) process.stdout.write(textOf(mutant))
    for (const { file, original } of score.outdated)
      process.stdout.write(`outdated reason: ${file}: ${firstLine(original)}\n`)
    return { name: group.name, score }
  })

const parts = scores.map(({ name, score }) => `${name} ${percentOf(score).toFixed(1)} % of ${score.counted}`)
const unjudged = scores.reduce((sum, { score }) => sum + score.unjudged.length, 0)
process.stdout.write(`${parts.join(", ")} mutants noticed; ${unjudged} survivors without a reason\n`)
process.exitCode = scores.every(({ score }) => percentOf(score) >= goal) ? 0 : 1
