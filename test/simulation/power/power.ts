/** `npm run simulate:power -- [--seeds N] [ID…]`: the number of seeds until each seeded fault of the engine is found. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { engineFaults } from "./faults.ts"
import type { Verdict } from "./trial.ts"
import { programOptions } from "../../programOptions.ts"

const { positionals, values } = programOptions(
  {
    command: "npm run simulate:power -- [FAULT...] [options]",
    does: "Says how many seeds find each seeded fault of the engine.",
    options: {
      seeds: { type: "string", default: "1000", about: "how many seeds are tried at most for each fault" }
    }
  },
  true
)

const trial = fileURLToPath(new URL("trial.ts", import.meta.url))

/** A separate process searches for a fault, so that the faulty engine is not mixed with the sound one. */
export const tryFault = async (id: string, seeds: number): Promise<Verdict> => {
  const { stdout } = await promisify(execFile)(process.execPath, [trial, id, String(seeds)], { maxBuffer: 2 ** 26 })
  return JSON.parse(stdout) as Verdict
}

const firstLine = (text: string): string => text.split("\n")[0] ?? ""

const main = async (): Promise<void> => {
  const wanted = engineFaults.filter(({ id }) => positionals.length === 0 || positionals.includes(id))
  let escaped = 0
  for (const { id, does } of wanted) {
    const { seed, unused, violation } = await tryFault(id, Number(values.seeds))
    if (seed === undefined || unused.length > 0) escaped++
    const found = seed === undefined ? "ESCAPED" : `seed ${seed}: ${firstLine(violation)}`
    process.stdout.write(`${id.padEnd(28)} ${found}\n${"".padEnd(29)}${does}\n`)
  }
  process.stdout.write(`${wanted.length} faults, ${escaped} escaped\n`)
  process.exitCode = escaped === 0 ? 0 : 1
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
