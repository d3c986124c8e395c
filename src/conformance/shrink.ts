/** Makes a counterexample as short as it gets: takes steps away, and what is not needed of those that stay. */
import type { Arena, Violation } from "./sequence.ts"
import { runSequence } from "./sequence.ts"
import type { Step } from "./step.ts"

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

/** A step with less to it. */
const simpler = (step: Step | undefined): ReadonlyArray<Step> => {
  if (step === undefined) return []
  const { context, text, by: _by, ...rest } = step
  const plain: Array<Step> = []
  if (context !== undefined && Object.keys(context).length > 0 && step.twist === undefined)
    plain.push({ ...step, context: {} })
  if (text !== undefined && text !== "AA==" && step.op !== "CreateKey") plain.push({ ...step, text: "AA==" })
  if (step.op === "CreateKey" && text !== undefined) plain.push(rest)
  if (step.op === "CreateKey" && step.days !== undefined) {
    const { days: _days, ...still } = step
    plain.push(still)
  }
  return plain
}

export const shrink = async (arena: Arena, found: Violation): Promise<Shrunk> => {
  const shrunkFrom = found.steps.length
  const { bench } = arena
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
  // Halves first, then quarters, down to single steps; and once more whenever something went.
  for (let size = Math.ceil(best.steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = best.steps.length - size - 1; at >= 0 && bench.mayGoOn(); at--) {
      const shorter: ReadonlyArray<Step> = [...best.steps.slice(0, at), ...best.steps.slice(at + size)]
      if (await better(shorter)) at = Math.min(at, best.steps.length - size)
    }
  }
  for (let at = 0; at < best.steps.length; at++) {
    // What is simpler is made simpler again, until nothing of it can go.
    for (let simplified = true; simplified;) {
      simplified = false
      for (const plain of simpler(best.steps[at])) {
        simplified = await better([...best.steps.slice(0, at), plain, ...best.steps.slice(at + 1)])
        if (simplified) break
      }
    }
  }
  return { violation: best, shrunkFrom, reproduced: true }
}
