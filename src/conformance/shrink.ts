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

/** The same steps with labels in the order they appear: `k1`, `c1`, `c2`. */
const relabelled = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> => {
  const renamed = new Map<string, string>()
  const counts = new Map<string, number>()
  const name = (label: string): string => {
    const [, letter = "", number = "", rest = ""] = /^([a-z]+)(\d+)(\..*)?$/.exec(label) ?? []
    if (number === "") return label
    const known = renamed.get(letter + number)
    if (known !== undefined) return known + rest
    const next = (counts.get(letter) ?? 0) + 1
    counts.set(letter, next)
    renamed.set(letter + number, `${letter}${next}`)
    return `${letter}${next}${rest}`
  }
  const members = ["makes", "key", "by", "of", "version", "alias", "to"] as const
  return steps.map((step) => {
    const named = Object.fromEntries(
      members.flatMap((member) => {
        const label = step[member]
        return label === undefined ? [] : [[member, name(label)] as const]
      })
    )
    return { ...step, ...named, ...(step.as === undefined ? {} : { as: { ...step.as, key: name(step.as.key) } }) }
  })
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
  await better(relabelled(best.steps))
  return { violation: best, shrunkFrom, reproduced: true }
}
