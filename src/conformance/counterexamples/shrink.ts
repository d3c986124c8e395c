/** Shortens a proven counterexample. A shorter one is accepted only if it breaks the law on new keys too. */
import { lawOf } from "../lawbook/laws.ts"
import type { Shrinking } from "../report/report.ts"
import { QuotaReached, runSequence } from "../run/sequence.ts"
import type { SuiteRun, Violation } from "../run/sequence.ts"
import type { Step } from "../steps/step.ts"
import { againOnNewKeys, confirmed } from "./prove.ts"
import type { Proof } from "./prove.ts"
import { aboutLastKeys, inTurn, relabelled, simpler, withShortcuts } from "./simpler.ts"

export interface Shrunk extends Proof {
  readonly shrinking: Shrinking
}

type Steps = ReadonlyArray<Step>

/** A counterexample that is being shortened. */
interface Work {
  readonly suiteRun: SuiteRun
  readonly mayGoOn: () => boolean
  /** Tries keys of the pool first where creating keys is slow: most attempts end there. */
  readonly poolFirst: boolean
  best: Violation
  /** The number of steps that attempts may still run. */
  stepsLeft: number
}

/** Shortening a long history completely would take hours. */
const stepsMax = 10_000

const breaksAgain = async ({ suiteRun, best, poolFirst }: Work, steps: Steps): Promise<Violation | undefined> => {
  if (!poolFirst) return againOnNewKeys(suiteRun, steps, best)
  const ran = await runSequence(suiteRun, best.phase, steps)
  const same = ran.violations.find(({ law }) => law === best.law)
  return same === undefined || ran.isFresh ? same : againOnNewKeys(suiteRun, same.steps, best)
}

/** Accepts the steps if they break the law and are no more than before. */
const better = async (work: Work, steps: Steps): Promise<boolean> => {
  if (!work.mayGoOn()) return false
  work.stepsLeft -= steps.length
  const next = await breaksAgain(work, steps)
  if (next === undefined || next.steps.length > work.best.steps.length) return false
  work.best = next
  return true
}

/** The first candidate that is simpler. */
const firstBetter = async (work: Work, candidates: ReadonlyArray<Steps>): Promise<boolean> => {
  for (const steps of candidates) if (await better(work, steps)) return true
  return false
}

/** Longer sequences are cut into separate parts, because each attempt runs the rest. */
const shortLength = 60

/** Halves first, then quarters, down to single steps. */
const fewer = async (work: Work): Promise<void> => {
  const length = (): number => work.best.steps.length
  for (let size = Math.ceil(length() / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    const stride = length() > shortLength ? size : 1
    for (let at = length() - size - 1; at >= 0 && work.mayGoOn(); at -= stride) {
      const { steps } = work.best
      if (await better(work, [...steps.slice(0, at), ...steps.slice(at + size)])) at = Math.min(at, length() - size)
    }
  }
}

/** Joins two consecutive waits if nothing depends on the time between them. */
const joined = async (work: Work): Promise<void> => {
  for (let at = 0; at + 1 < work.best.steps.length; at++) {
    const { steps } = work.best
    const [one, two]: ReadonlyArray<Step | undefined> = steps.slice(at, at + 2)
    if (one?.op !== "Advance" || two?.op !== "Advance") continue
    const whole: Step = { ...one, millis: (one.millis ?? 0) + (two.millis ?? 0) }
    if (await better(work, [...steps.slice(0, at), whole, ...steps.slice(at + 2)])) at--
  }
}

const withFewerMoves = async (work: Work): Promise<void> => {
  while (await firstBetter(work, withShortcuts(work.best.steps)));
}

/** Simplifies the sequence repeatedly, until no step can be removed. */
const plainer = async (work: Work, ofPairs: boolean): Promise<void> => {
  const plainerAt = (at: number): ReadonlyArray<Steps> => {
    const { steps } = work.best
    return simpler(steps[at], ofPairs).map((plain) => [...steps.slice(0, at), plain, ...steps.slice(at + 1)])
  }
  for (let at = 0; at < work.best.steps.length; at++) while (await firstBetter(work, plainerAt(at)));
}

const shapeOf = (steps: Steps): string => JSON.stringify(steps)

const shorten = async (work: Work): Promise<void> => {
  const ofPairs = lawOf(work.best.law).needs.profile === "asymmetric"
  if (work.best.steps.length > shortLength) await better(work, aboutLastKeys(work.best.steps))
  // A violation of concurrent calls may also occur when they run one after another.
  if (work.best.steps.some(({ burst }) => burst !== undefined)) await better(work, inTurn(work.best.steps))
  for (let before = ""; before !== shapeOf(work.best.steps) && work.mayGoOn();) {
    before = shapeOf(work.best.steps)
    await fewer(work)
    await joined(work)
    await withFewerMoves(work)
    await plainer(work, ofPairs)
  }
  await better(work, relabelled(work.best.steps))
}

/** Shrinks a violation that occurred again. Others are shown as found. */
export const shrink = async (suiteRun: SuiteRun, proof: Proof, mayGoOn: () => boolean): Promise<Shrunk> => {
  if (proof.replayed === "no" || proof.replayed === "untried") return { ...proof, shrinking: "off" }
  const work: Work = {
    suiteRun,
    mayGoOn: () => mayGoOn() && work.stepsLeft > 0,
    poolFirst: suiteRun.pool.keepsAll && !proof.withHistory,
    best: proof.violation,
    stepsLeft: stepsMax
  }
  let isWhole = true
  try {
    await shorten(work)
  } catch (failure) {
    if (!(failure instanceof QuotaReached)) throw failure
    isWhole = false
  }
  const shown = await confirmed(suiteRun, proof, work.best)
  if (!isWhole) return { ...shown, shrinking: "noRoom" }
  if (!mayGoOn()) return { ...shown, shrinking: "outOfTime" }
  return { ...shown, shrinking: work.stepsLeft > 0 ? "done" : "tooLong" }
}

/** The laws that break when the calls of a burst run one after another, which then explain the violation. */
export const explanationsOf = async (
  suiteRun: SuiteRun,
  { law, steps, phase }: Violation
): Promise<ReadonlyArray<Violation>> =>
  lawOf(law).group === "concurrency"
    ? (await runSequence(suiteRun, phase, inTurn(steps), { fresh: true })).violations
    : []
