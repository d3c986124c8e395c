/** Makes a counterexample as short as it gets: takes steps away, and what is not needed of those that stay. */
import { lawOf } from "../lawbook/laws.ts"
import type { Arena, Violation } from "../run/sequence.ts"
import { runSequence } from "../run/sequence.ts"
import type { Step } from "../steps/step.ts"
import { inTurn, relabelled, simpler, withShortcuts } from "./simpler.ts"

export interface Shrunk {
  readonly violation: Violation
  readonly shrunkFrom: number
  readonly reproduced: boolean
}

/** Bursts do not go alike each time. */
const triesFor = (steps: ReadonlyArray<Step>): number => (steps.some(({ burst }) => burst !== undefined) ? 4 : 1)

const again = async (arena: Arena, steps: ReadonlyArray<Step>, of: Violation): Promise<Violation | undefined> => {
  for (let tries = 0; tries < triesFor(steps); tries++) {
    const { violations } = await runSequence(arena, of.phase, steps)
    const same = violations.find(({ law }) => law === of.law)
    if (same !== undefined) return same
  }
  return undefined
}

const shapeOf = (steps: ReadonlyArray<Step>): string => JSON.stringify(steps)

/** What a law of concurrency was broken by, asked one after another: other laws that break then explain it. */
export const explanationsOf = async (
  arena: Arena,
  { law, steps, phase }: Violation
): Promise<ReadonlyArray<Violation>> =>
  lawOf(law).group === "concurrency" ? (await runSequence(arena, phase, inTurn(steps))).violations : []

export const shrink = async (arena: Arena, found: Violation): Promise<Shrunk> => {
  const shrunkFrom = found.steps.length
  const { bench } = arena
  const ofPairs = lawOf(found.law).needs.profile === "asymmetric"
  const first = await again(arena, found.steps, found)
  if (first === undefined) return { violation: found, shrunkFrom, reproduced: false }
  let best: Violation = first
  const better = async (steps: ReadonlyArray<Step>): Promise<boolean> => {
    if (!bench.mayGoOn()) return false
    const next = await again(arena, steps, found)
    if (next === undefined || next.steps.length > best.steps.length) return false
    best = next
    return true
  }
  /** Halves first, then quarters, down to single steps; and once more whenever something went. */
  const fewer = async (): Promise<void> => {
    for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let at = best.steps.length - size - 1; at >= 0 && bench.mayGoOn(); at--) {
        const shorter: ReadonlyArray<Step> = [...best.steps.slice(0, at), ...best.steps.slice(at + size)]
        if (await better(shorter)) at = Math.min(at, best.steps.length - size)
      }
    }
  }
  /** Two waits one after the other are one, where nothing depends on the instant between them. */
  const joined = async (): Promise<void> => {
    for (let at = 0; at + 1 < best.steps.length; at++) {
      const [one, two]: ReadonlyArray<Step | undefined> = best.steps.slice(at, at + 2)
      if (one?.op !== "Advance" || two?.op !== "Advance") continue
      const whole: Step = { ...one, millis: (one.millis ?? 0) + (two.millis ?? 0) }
      if (await better([...best.steps.slice(0, at), whole, ...best.steps.slice(at + 2)])) at--
    }
  }
  const withMoves = async (): Promise<void> => {
    for (let shortened = true; shortened;) {
      shortened = false
      for (const shorter of withShortcuts(best.steps)) {
        shortened = await better(shorter)
        if (shortened) break
      }
    }
  }
  /** What is simpler is made simpler again, until nothing of it can go. */
  const plainer = async (): Promise<void> => {
    for (let at = 0; at < best.steps.length; at++) {
      for (let simplified = true; simplified;) {
        simplified = false
        for (const plain of simpler(best.steps[at], ofPairs)) {
          simplified = await better([...best.steps.slice(0, at), plain, ...best.steps.slice(at + 1)])
          if (simplified) break
        }
      }
    }
  }
  // What breaks when many ask at once may break as well one after another.
  if (best.steps.some(({ burst }) => burst !== undefined)) await better(inTurn(best.steps))
  for (let before = ""; before !== shapeOf(best.steps);) {
    before = shapeOf(best.steps)
    await fewer()
    await joined()
    await withMoves()
    await plainer()
  }
  await better(relabelled(best.steps))
  return { violation: best, shrunkFrom, reproduced: true }
}
