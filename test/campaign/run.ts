/** `npm run campaign -- [--only NAMES] [--size NAME=N] [--first SEED] [--anew]`: runs the attacks and writes their results to docs/reliability.md. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { attacks } from "./attacks.ts"
import type { Attack } from "./attacks.ts"
import { firstSeedAfter } from "./page.ts"
import type { Result } from "./page.ts"
import { stampNow } from "./stamp.ts"
import { readResults, writeResults } from "./stored.ts"
import { programOptions } from "../programOptions.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const { values } = programOptions({
  command: "npm run campaign -- [options]",
  does: "Runs the attacks, and writes their results to docs/reliability.md.",
  options: {
    only: { type: "string", about: "names of attacks, with commas between them; all if absent" },
    size: { type: "string", multiple: true, default: [], about: "NAME=N: the size of one attack; may be repeated" },
    first: { type: "string", about: "the first seed; the one after the seeds of earlier runs if absent" },
    anew: { type: "boolean", default: false, about: "forgets the earlier runs of these attacks; else sizes add up" }
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

const stamp = stampNow()

const lastLine = (text: string): string => text.trimEnd().split("\n").at(-1) ?? ""

const run = ({ mustFail, name, program, size }: Attack, first: number): Result => {
  const chosen = sizes.get(name) ?? size
  const { status, stdout } = spawnSync(process.execPath, program(chosen, first), {
    cwd: root,
    encoding: "utf8",
    maxBuffer: 2 ** 28,
    stdio: ["ignore", "pipe", "inherit"]
  })
  const holds = (status === 0) !== mustFail
  // The page has only the last line.
  if (!holds) process.stderr.write(stdout)
  return {
    name,
    size: chosen,
    figures: lastLine(stdout),
    holds,
    ...stamp
  }
}

/** The earlier runs that a new run of the attack adds to. Read again each time: another campaign may have written. */
const kept = ({ addsUp, name }: Attack): ReadonlyArray<Result> =>
  addsUp && !values.anew ? readResults().filter((known) => known.name === name) : []

let holds = true
for (const attack of attacks.filter(({ name }) => names.includes(name))) {
  const result = run(attack, Number(values.first ?? firstSeedAfter(kept(attack))))
  holds = holds && result.holds
  process.stdout.write(`${attack.name}: ${result.holds ? "holds" : "BROKEN"}: ${result.figures}\n`)
  const others = readResults().filter(({ name }) => name !== attack.name)
  const results = [...others, ...kept(attack), result]
  writeResults(attacks.flatMap(({ name }) => results.filter((known) => known.name === name)))
}
process.exitCode = holds ? 0 : 1
