/** Runs a violation again on new keys before it is reported. */
import type { Replayed } from "../report/report.ts"
import { QuotaReached, restart, runSequence } from "../run/sequence.ts"
import type { SuiteRun, Violation } from "../run/sequence.ts"
import type { Step } from "../steps/step.ts"
import { historyOf } from "./history.ts"
import { relabelled } from "./simpler.ts"

export interface Proof {
  /** The violation of the second run; if that run did not break the law, of the first run. */
  readonly violation: Violation
  /** Steps of the sequence in which it was found. */
  readonly foundIn: number
  readonly replayed: Replayed
  /** Whether the reader also needs the steps of earlier sequences on the same keys. */
  readonly withHistory: boolean
}

/** Bursts differ from run to run. */
const triesFor = (steps: ReadonlyArray<Step>): number => (steps.some(({ burst }) => burst !== undefined) ? 4 : 1)

/** The violation of the same law on new keys. */
export const againOnNewKeys = async (
  suiteRun: SuiteRun,
  steps: ReadonlyArray<Step>,
  { law, phase }: Violation
): Promise<Violation | undefined> => {
  for (let tries = 0; tries < triesFor(steps); tries++) {
    const { violations } = await runSequence(suiteRun, phase, steps, { fresh: true })
    const same = violations.find((one) => one.law === law)
    if (same !== undefined) return same
  }
  return undefined
}

/** The same on a new, empty service, if the adapter can start one. */
const againAnew = async (
  suiteRun: SuiteRun,
  steps: ReadonlyArray<Step>,
  of: Violation
): Promise<Violation | undefined> => {
  await restart(suiteRun)
  return againOnNewKeys(suiteRun, steps, of)
}

export const untried = (violation: Violation): Proof => ({
  violation,
  foundIn: violation.steps.length,
  replayed: "untried",
  withHistory: false
})

const best = ({ testTarget }: SuiteRun): Replayed =>
  testTarget.adapter.capabilities.reset === "perRun" ? "newService" : "newKeys"

/** First the steps alone, then with the whole history of the keys that they took over. */
const candidatesOf = ({ life, steps }: Violation): ReadonlyArray<ReadonlyArray<Step>> => {
  const whole = historyOf(life, steps)
  return whole === undefined ? [steps] : [steps, relabelled(whole)]
}

const tryAgain = async (suiteRun: SuiteRun, found: Violation): Promise<Proof> => {
  const proof = untried(found)
  for (const [index, steps] of candidatesOf(found).entries()) {
    const violation = await againAnew(suiteRun, steps, found)
    if (violation !== undefined) return { ...proof, violation, replayed: best(suiteRun), withHistory: index > 0 }
  }
  return { ...proof, replayed: "no" }
}

/** A run that needs more than the service's quotas is not tried. */
const withRoom = async (proof: Proof, work: () => Promise<Proof>): Promise<Proof> => {
  try {
    return await work()
  } catch (failure) {
    if (failure instanceof QuotaReached) return proof
    throw failure
  }
}

/** Runs a violation again in the form in which it was found. */
export const prove = (suiteRun: SuiteRun, found: Violation): Promise<Proof> =>
  withRoom(untried(found), () => tryAgain(suiteRun, found))

/** Runs a shrunk violation again on a new service. If it does not break there, the earlier proof remains. */
export const confirmed = (suiteRun: SuiteRun, proof: Proof, shorter: Violation): Promise<Proof> =>
  withRoom(proof, async () => {
    if (shorter === proof.violation) return proof
    const violation = await againAnew(suiteRun, shorter.steps, shorter)
    return violation === undefined ? proof : { ...proof, violation }
  })
