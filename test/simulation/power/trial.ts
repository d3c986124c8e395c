/** Simulates an engine with one seeded fault, seed after seed, until it fails: `trial.ts <fault> <seeds>`. Prints JSON. */
import { breakEngine, importFaulty, loaded } from "../../conformance/power/broken.ts"
import { engineFaults } from "./faults.ts"
import type * as Scenarios from "../scenario.ts"
import type * as Simulations from "../simulation.ts"

export interface Verdict {
  /** The first seed that fails; undefined if none does. */
  readonly seed: number | undefined
  readonly violation: string
  /** Patched files that were not loaded. */
  readonly unused: ReadonlyArray<string>
}

const [, , id = "", seeds = "1000"] = process.argv
const fault = engineFaults.find((one) => one.id === id)
if (fault === undefined) throw new Error(`there is no fault ${id}`)
breakEngine(fault)
const { simulate } = (await importFaulty("test/simulation/simulation.ts")) as typeof Simulations
const { drawScenario } = (await importFaulty("test/simulation/scenario.ts")) as typeof Scenarios

let found: Pick<Verdict, "seed" | "violation"> = { seed: undefined, violation: "" }
for (let seed = 1; seed <= Number(seeds) && found.seed === undefined; seed++) {
  const [violation] = simulate(drawScenario(seed)).violations
  if (violation !== undefined) found = { seed, violation }
}
const unused = fault.patches.map(({ file }) => file).filter((file) => !loaded.has(file))
process.stdout.write(JSON.stringify({ ...found, unused } satisfies Verdict))
