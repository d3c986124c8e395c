/** Simpler variants of a sequence: fewer moves, plainer steps, labels in order. */
import { filtersOn, rightsOn } from "./history.ts"
import { isDeed, moves } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"

type Steps = ReadonlyArray<Step>

/** Single moves that may replace two moves of a key. */
const shortcuts = ["DisableKey", "ScheduleKeyDeletion"] as const

/** Pairs of moves of one key, by position. */
const pairsOfMoves = (steps: Steps): ReadonlyArray<{ readonly first: number; readonly second: number }> =>
  steps.flatMap((one, first) =>
    steps.flatMap((two, second) =>
      second > first && moves.has(one.op) && moves.has(two.op) && one.key !== undefined && one.key === two.key
        ? [{ first, second }]
        : []
    )
  )

/** The sequence with one move of a key instead of two. */
export const withShortcuts = (steps: Steps): ReadonlyArray<Steps> =>
  pairsOfMoves(steps).flatMap(({ first, second }) =>
    shortcuts.map((op) => {
      const short: Step = { op, key: steps[first]?.key ?? "" }
      return [...steps.slice(0, first), ...steps.slice(first + 1, second), short, ...steps.slice(second + 1)]
    })
  )

const without = (step: Step, member: "kind" | "text" | "twist" | "bytes" | "days" | "by"): Step => {
  const { [member]: _left, ...rest } = step
  return rest
}

/** The key of a step that could be replaced by a plain Encrypt. */
const encryptsUnder = ({ op, key, to }: Step): string | undefined => {
  if (op === "GenerateDataKey" || op === "GenerateDataKeyWithoutPlaintext") return key
  return op === "ReEncrypt" ? to : undefined
}

type Simplify = (step: Step, ofPairs: boolean) => Step | undefined

/** Each function simplifies one part of a step, or returns undefined if there is nothing to simplify. */
const simplifications: ReadonlyArray<Simplify> = [
  (step) =>
    step.twist === undefined && Object.keys(step.context ?? {}).length > 0 ? { ...step, context: {} } : undefined,
  (step) => {
    const isLong = step.text !== undefined && step.text !== "AA==" && step.op !== "CreateKey"
    return isLong ? { ...step, text: "AA==" } : undefined
  },
  (step) => (step.op === "CreateKey" && step.text !== undefined ? without(step, "text") : undefined),
  // A law about pairs is shown by a pair.
  (step, ofPairs) =>
    step.op === "CreateKey" && step.kind !== undefined && !ofPairs ? without(step, "kind") : undefined,
  (step) => (step.twist === undefined ? undefined : without(step, "twist")),
  (step) => (step.bytes !== undefined && step.twist === undefined ? without(step, "bytes") : undefined),
  (step) => {
    const isSpare = step.days !== undefined && step.twist === undefined && step.op !== "UpdateRotationPolicy"
    return isSpare ? without(step, "days") : undefined
  },
  (step) => {
    const key = encryptsUnder(step)
    const { makes } = step
    return key === undefined || makes === undefined ? undefined : { op: "Encrypt", key, text: "AA==", makes }
  }
]

/** Every variant of the step with one part less. */
export const simpler = (step: Step | undefined, ofPairs: boolean): Steps =>
  step === undefined
    ? []
    : simplifications.flatMap((simplify) => {
        const plain = simplify(step, ofPairs)
        return plain === undefined ? [] : [plain]
      })

/** The same steps with labels in the order they appear: `k1`, `c1`, `c2`. */
export const relabelled = (steps: Steps): Steps => {
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
    return {
      ...step,
      ...named,
      ...(step.filters === undefined ? {} : { filters: filtersOn(step.filters, name) }),
      ...(step.as === undefined ? {} : { as: rightsOn(step.as, name) })
    }
  })
}

/** What the labels of a step name: keys, ciphertexts, aliases, tokens and signatures. */
const namesIn = ({ makes, key, by, of, version, alias, to, filters = [] }: Step): ReadonlyArray<string> =>
  [makes, key, by, of, version?.split(".")[0], alias, to, ...filters.flatMap(({ Values }) => Values)].filter(
    (label) => label !== undefined
  )

/**
 * The steps on the subjects of the last step, and on those they were made from. Moves of the clock stay in any case.
 */
export const aboutLastKeys = (steps: Steps): Steps => {
  const wanted = new Set(steps.slice(-1).flatMap(namesIn))
  const kept = steps.toReversed().filter((step) => {
    const names = namesIn(step)
    const isAbout = names.some((name) => wanted.has(name))
    if (isAbout) for (const name of names) wanted.add(name)
    return isAbout || isDeed(step.op)
  })
  return kept.toReversed()
}

/** The calls of bursts, one after another. */
export const inTurn = (steps: Steps): Steps => steps.map(({ burst: _burst, client: _client, ...step }) => step)
