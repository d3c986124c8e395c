/** `npm run simulate -- --seed 7`: runs the engine in virtual time under faults, from one seed or from many. */
import { createHash } from "node:crypto"
import { parseArgs } from "node:util"
import { coverageText, missingIn } from "./coverage.ts"
import { activities, drawScenario, faults } from "./scenario.ts"
import type { Activity, Fault, Scenario } from "./scenario.ts"
import { sequenceOf } from "./sequence.ts"
import { shrink } from "./shrink.ts"
import { simulate } from "./simulation.ts"
import type { Outcome } from "./simulation.ts"

const usage = `npm run simulate -- [options]

  --seed N             the seed, or the first of many (1)
  --seeds N            how many seeds to run (1)
  --nodes N            1 to 3 nodes; drawn from the seed if it is not given
  --clients N, --calls N, --keys N, --years N, --clock real|virtual
                       instead of what the seed draws
  --faults LIST        of ${faults.join(", ")}; "none" for none
  --activities LIST    of ${activities.join(", ")}
  --without-proof      engines do not ask the store for proof: the control, which fails
  --trace              prints what happened
  --no-shrink          prints the first failure as it is
`

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    seeds: { type: "string", default: "1" },
    nodes: { type: "string" },
    clients: { type: "string" },
    calls: { type: "string" },
    keys: { type: "string" },
    years: { type: "string" },
    clock: { type: "string" },
    faults: { type: "string" },
    activities: { type: "string" },
    "without-proof": { type: "boolean", default: false },
    trace: { type: "boolean", default: false },
    "no-shrink": { type: "boolean", default: false },
    help: { type: "boolean", default: false }
  }
})

const fail = (message: string): never => {
  process.stderr.write(`${message}\n\n${usage}`)
  process.exit(2)
}

const wholeOf = (name: string, text: string | undefined, maximum = 1_000_000_000): number | undefined => {
  if (text === undefined) return undefined
  const number = Number(text)
  if (!Number.isInteger(number) || number < 1 || number > maximum) fail(`--${name} is a number from 1 to ${maximum}.`)
  return number
}

const listOf = <A extends string>(name: string, text: string | undefined, known: ReadonlyArray<A>) => {
  if (text === undefined) return undefined
  const wanted = text === "none" ? [] : text.split(",")
  const unknown = wanted.find((word) => !known.some((one) => one === word))
  if (unknown !== undefined) fail(`--${name} has no ${unknown}.`)
  return known.filter((one) => wanted.includes(one))
}

const clockOf = (text: string | undefined): Scenario["clock"] | undefined => {
  if (text === undefined || text === "real" || text === "virtual") return text
  return fail("--clock is real or virtual.")
}

const given: { readonly [name in keyof Scenario]?: Scenario[name] | undefined } = {
  clients: wholeOf("clients", values.clients, 100),
  calls: wholeOf("calls", values.calls),
  keys: wholeOf("keys", values.keys, 50),
  years: values.years === "0" ? 0 : wholeOf("years", values.years, 1000),
  clock: clockOf(values.clock),
  faults: listOf<Fault>("faults", values.faults, faults),
  activities: listOf<Activity>("activities", values.activities, activities),
  isProven: !values["without-proof"]
}
const nodes = wholeOf("nodes", values.nodes, 3)

const scenarioOf = (seed: number): Scenario => {
  const chosen = Object.entries(given).filter(([, value]) => value !== undefined)
  return { ...drawScenario(seed, nodes), ...Object.fromEntries(chosen) }
}

/** The command that runs a scenario again. */
const commandOf = ({
  seed,
  nodes,
  clients,
  calls,
  keys,
  years,
  clock,
  faults,
  activities,
  isProven
}: Scenario): string =>
  [
    `npm run simulate -- --seed ${seed} --nodes ${nodes} --clients ${clients} --calls ${calls} --keys ${keys}`,
    `--years ${years} --clock ${clock} --faults ${faults.length === 0 ? "none" : faults.join(",")} --activities ${activities.join(",")}`,
    ...(isProven ? [] : ["--without-proof"])
  ].join(" ")

const digestOf = ({ trace }: Outcome): string =>
  createHash("sha256").update(trace.join("\n")).digest("hex").slice(0, 16)

const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

const tellFailure = (scenario: Scenario, outcome: Outcome): void => {
  say(`\nSeed ${scenario.seed} fails:\n  ${outcome.violations.join("\n  ")}`)
  if (values["no-shrink"]) return say(`Again: ${commandOf(scenario)}`)
  const small = shrink(simulate, { scenario, outcome })
  say(`\nThe smallest scenario that was found in ${small.runs} runs fails with:`)
  say(`  ${small.outcome.violations.join("\n  ")}\n`)
  say(sequenceOf(small.outcome.trace, small.scenario.nodes))
  return say(`\nAgain: ${commandOf(small.scenario)}`)
}

if (values.help) {
  process.stdout.write(usage)
  process.exit(0)
}

const first = wholeOf("seed", values.seed) ?? 1
const count = wholeOf("seeds", values.seeds) ?? 1
const met = new Map<string, number>()
let [failed, keyYears] = [0, 0]
for (let seed = first; seed < first + count; seed++) {
  const scenario = scenarioOf(seed)
  const outcome = simulate(scenario)
  keyYears += outcome.keyYears
  for (const [name, times] of outcome.coverage) met.set(name, (met.get(name) ?? 0) + times)
  if (count === 1) {
    if (values.trace) say(sequenceOf(outcome.trace, scenario.nodes))
    say(`${commandOf(scenario)}\ntrace of ${outcome.trace.length} lines, SHA-256 ${digestOf(outcome)}`)
  }
  if (outcome.violations.length > 0 && failed++ === 0) tellFailure(scenario, outcome)
  if (count > 1 && (seed - first + 1) % 100 === 0) say(`${seed - first + 1} seeds, ${failed} fail`)
}
say(`\n${coverageText(met)}`)
const missing = count >= 1000 && values.faults === undefined && values.activities === undefined ? missingIn(met) : []
if (missing.length > 0) say(`\nThis run is void. It never met: ${missing.join(", ")}.`)
say(`\n${count} seeds, ${Math.round(keyYears)} key-years, ${failed} fail`)
process.exitCode = failed > 0 || missing.length > 0 ? 1 : 0
