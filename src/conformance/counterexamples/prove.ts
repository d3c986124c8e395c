/** Runs a violation again on keys made for it, before it is reported. */
import type { Replayed } from "../report/report.ts"
import { QuotaReached, restart, runSequence } from "../run/sequence.ts"
import type { Arena, Violation } from "../run/sequence.ts"
import type { Step } from "../steps/step.ts"
import { historyOf } from "./history.ts"
import { relabelled } from "./simpler.ts"

export interface Proof {
  /** As it broke when it was run again; as it was found where it did not. */
  readonly violation: Violation
  /** Steps of the sequence in which it was found. */
  readonly foundIn: number
  readonly replayed: Replayed
  /** Whether the steps of earlier sequences on the same keys are needed and shown. */
  readonly withHistory: boolean
}

/** Bursts do not go alike each time. */
const triesFor = (steps: ReadonlyArray<Step>): number => (steps.some(({ burst }) => burst !== undefined) ? 4 : 1)

/** The violation of the same law, on keys made for it. */
export const againOnNewKeys = async (
  arena: Arena,
  steps: ReadonlyArray<Step>,
  { law, phase }: Violation
): Promise<Violation | undefined> => {
  for (let tries = 0; tries < triesFor(steps); tries++) {
    const { violations } = await runSequence(arena, phase, steps, { fresh: true })
    const same = violations.find((one) => one.law === law)
    if (same !== undefined) return same
  }
  return undefined
}

/** The same on a new, empty service, where the adapter can give one. */
const againAnew = async (arena: Arena, steps: ReadonlyArray<Step>, of: Violation): Promise<Violation | undefined> => {
  await restart(arena)
  return againOnNewKeys(arena, steps, of)
}

export const untried = (violation: Violation): Proof => ({
  violation,
  foundIn: violation.steps.length,
  replayed: "untried",
  withHistory: false
})

const best = ({ bench }: Arena): Replayed => (bench.adapter.capabilities.reset === "perRun" ? "newService" : "newKeys")

/** The steps alone, and then with the whole history of the keys that they took over. */
const candidatesOf = ({ life, steps }: Violation): ReadonlyArray<ReadonlyArray<Step>> => {
  const whole = historyOf(life, steps)
  return whole === undefined ? [steps] : [steps, relabelled(whole)]
}

const tryAgain = async (arena: Arena, found: Violation): Promise<Proof> => {
  const proof = untried(found)
  for (const [index, steps] of candidatesOf(found).entries()) {
    const violation = await againAnew(arena, steps, found)
    if (violation !== undefined) return { ...proof, violation, replayed: best(arena), withHistory: index > 0 }
  }
  return { ...proof, replayed: "no" }
}

/** What a run needs that the service has no room for is not tried. */
const withRoom = async (proof: Proof, work: () => Promise<Proof>): Promise<Proof> => {
  try {
    return await work()
  } catch (failure) {
    if (failure instanceof QuotaReached) return proof
    throw failure
  }
}

/** Runs a violation again as it was found. */
export const prove = (arena: Arena, found: Violation): Promise<Proof> =>
  withRoom(untried(found), () => tryAgain(arena, found))

/** Runs a shrunk violation again on a new service; where it does not break there, the proof it came from stands. */
export const confirmed = (arena: Arena, proof: Proof, shorter: Violation): Promise<Proof> =>
  withRoom(proof, async () => {
    if (shorter === proof.violation) return proof
    const violation = await againAnew(arena, shorter.steps, shorter)
    return violation === undefined ? proof : { ...proof, violation }
  })
