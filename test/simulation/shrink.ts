/** Makes a failing scenario as small as possible while it fails in the same way. */
import type { Outcome } from "./simulation.ts"
import type { Scenario } from "./scenario.ts"

/** The kind of a failure: names, numbers and histories in its sentence differ from run to run. */
export const kindOf = (violation: string): string =>
  violation
    .slice(0, 60)
    .replace(/[0-9a-f]{4,}(-[0-9a-f]+)*/g, "…")
    .replace(/[0-9]+/g, "…")

const without = <A>(list: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  list.map((item) => list.filter((other) => other !== item))

const isPossible = ({ calls, clients, keys, nodes, years }: Scenario): boolean =>
  Math.min(calls, clients, keys, nodes) > 0 && years >= 0

/** Slightly smaller scenarios, the largest steps first. */
const smaller = (scenario: Scenario): ReadonlyArray<Scenario> => {
  const { activities, calls, clients, faults, keys, nodes, years } = scenario
  return [
    ...(years === 0 ? [] : [years >> 1, years - 1]).map((fewer) => ({ ...scenario, years: fewer })),
    ...[calls >> 1, calls - 10, calls - 1].map((fewer) => ({ ...scenario, calls: fewer })),
    { ...scenario, nodes: nodes - 1 },
    { ...scenario, clients: clients - 1 },
    ...[keys >> 1, keys - 1].map((fewer) => ({ ...scenario, keys: fewer })),
    ...without(faults).map((fewer) => ({ ...scenario, faults: fewer })),
    ...without(activities).map((fewer) => ({ ...scenario, activities: fewer }))
  ].filter((one) => one.activities.length > 0 && isPossible(one))
}

export interface Shrunk {
  readonly scenario: Scenario
  readonly outcome: Outcome
  /** The number of runs. */
  readonly runs: number
}

/** Runs at most `runsMax` scenarios. */
export const shrink = (
  run: (scenario: Scenario) => Outcome,
  failing: { readonly scenario: Scenario; readonly outcome: Outcome },
  runsMax = 200
): Shrunk => {
  const kinds = new Set(failing.outcome.violations.map(kindOf))
  let { scenario, outcome } = failing
  let runs = 0
  for (let isDone = false; !isDone && runs < runsMax;) {
    isDone = true
    for (const candidate of smaller(scenario)) {
      if (runs++ >= runsMax) break
      const found = run(candidate)
      if (!found.violations.some((violation) => kinds.has(kindOf(violation)))) continue
      scenario = candidate
      outcome = found
      isDone = false
      break
    }
  }
  return { scenario, outcome, runs }
}
