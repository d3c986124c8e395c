/** Makes a counterexample as short as it gets: takes steps away, and what is not needed of those that stay. */
import { lawOf } from "../lawbook/laws.ts"
import type { Arena, Violation } from "../run/sequence.ts"
import { runSequence } from "../run/sequence.ts"
import { moves } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"

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

/** The single moves that may bring a key where two brought it. */
const shortcuts = ["DisableKey", "ScheduleKeyDeletion"] as const

/** The sequence with one move of a key instead of two. */
const withShortcuts = (steps: ReadonlyArray<Step>): ReadonlyArray<ReadonlyArray<Step>> =>
  steps.flatMap((one, first) =>
    !moves.has(one.op)
      ? []
      : steps.flatMap((two, second) =>
          second <= first || !moves.has(two.op) || one.key !== two.key || one.key === undefined
            ? []
            : shortcuts.map((op) => {
                const short: Step = { op, key: one.key ?? "" }
                return [...steps.slice(0, first), ...steps.slice(first + 1, second), short, ...steps.slice(second + 1)]
              })
        )
  )

const dataKeys: ReadonlySet<Step["op"]> = new Set(["GenerateDataKey", "GenerateDataKeyWithoutPlaintext"])

/** A step with less to it. What a law says of pairs is shown by a pair. */
const simpler = (step: Step | undefined, ofPairs: boolean): ReadonlyArray<Step> => {
  if (step === undefined) return []
  const { context, text, by: _by, ...rest } = step
  const plain: Array<Step> = []
  if (context !== undefined && Object.keys(context).length > 0 && step.twist === undefined)
    plain.push({ ...step, context: {} })
  if (text !== undefined && text !== "AA==" && step.op !== "CreateKey") plain.push({ ...step, text: "AA==" })
  if (step.op === "CreateKey" && text !== undefined) plain.push(rest)
  if (step.op === "CreateKey" && step.kind !== undefined && !ofPairs) {
    const { kind: _kind, ...still } = step
    plain.push(still)
  }
  if (step.twist !== undefined) {
    const { twist: _twist, ...still } = step
    plain.push(still)
  }
  if (step.bytes !== undefined && step.twist === undefined) {
    const { bytes: _bytes, ...still } = step
    plain.push(still)
  }
  if (step.twist === undefined && step.days !== undefined && step.op !== "UpdateRotationPolicy") {
    const { days: _days, ...still } = step
    plain.push(still)
  }
  const under = dataKeys.has(step.op) ? step.key : step.op === "ReEncrypt" ? step.to : undefined
  if (under !== undefined && step.makes !== undefined)
    plain.push({ op: "Encrypt", key: under, text: "AA==", makes: step.makes })
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

const inTurn = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> =>
  steps.map(({ burst: _burst, client: _client, ...step }) => step)

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
