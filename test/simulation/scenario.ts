/** The random choices of a seed: nodes, clients, operations and faults. A shrunk scenario is written as options. */
import { numbersFrom } from "../histories/weather.ts"

/** Kinds of faults. Each is on or off for a whole run, so that runs differ. */
export const faults = [
  /** A node's process ends at any instant, and starts again. */
  "crash",
  /** A node's process ends at a step of a durable write or of a use. */
  "failpoint",
  /** A node is paused, as after SIGSTOP. */
  "pause",
  /** A node's calls do not arrive at the store. */
  "away",
  /** Answers of the store to commits are lost. */
  "lost",
  /** Commits fail and change nothing. */
  "refused",
  /** The store is slow. */
  "slow",
  /** The wall clock of a node jumps by up to an hour. */
  "jump",
  /** All nodes are off for days, or until about the next deadline. */
  "outage"
] as const
export type Fault = (typeof faults)[number]

/** Groups of client actions, each on or off for a run. */
export const activities = [
  "switching",
  "deletion",
  "material",
  "rotation",
  "metadata",
  "use",
  "alias",
  "policy",
  "accessKey",
  "replay",
  "clock"
] as const
export type Activity = (typeof activities)[number]

export interface Scenario {
  readonly seed: number
  readonly nodes: number
  readonly clients: number
  /** Calls of all clients together. */
  readonly calls: number
  readonly keys: number
  /** How many years the run takes, about. 0: it is one burst of calls, in which only clients and outages move time. */
  readonly years: number
  readonly clock: "real" | "virtual"
  readonly faults: ReadonlyArray<Fault>
  readonly activities: ReadonlyArray<Activity>
  /** Whether the engines ask for proof. Without it they are the control. */
  readonly isProven: boolean
}

/** Each item with an even chance; the first one if none is drawn. */
const someOf = <A>(list: ReadonlyArray<A>, random: () => number, share: number): ReadonlyArray<A> => {
  const drawn = list.filter(() => random() < share)
  return drawn.length === 0 ? list.slice(0, 1) : drawn
}

/** The share of runs that take years, and their size. */
const longShare = 0.5
const yearsMin = 8
const yearsBelow = 17
const longKeysMin = 10
const longKeysBelow = 15

/** Draws a scenario. `nodes` is drawn from 1 to 3 if it is not given. */
export const drawScenario = (seed: number, nodes?: number): Scenario => {
  // Another stream than that of the run, which begins with the same seed.
  const random = numbersFrom(seed ^ 0x5eed)
  const below = (limit: number): number => Math.floor(random() * limit)
  const drawnNodes = 1 + below(3)
  const short = {
    seed,
    nodes: nodes ?? drawnNodes,
    clients: 2 + below(5),
    calls: 40 + below(80),
    keys: 1 + below(3),
    clock: random() < 0.5 ? "real" : "virtual",
    faults: random() < 0.1 ? [] : someOf(faults, random, 0.4),
    activities: someOf(activities, random, 0.6),
    isProven: true,
    years: 0
  } as const
  if (random() >= longShare) return short
  return { ...short, years: yearsMin + below(yearsBelow), keys: longKeysMin + below(longKeysBelow) }
}
