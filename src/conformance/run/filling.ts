/** Fills the service up to a quota, so that room for a given number remains. */
import { countOf } from "../predict/quotas.ts"
import type { Label, Step } from "../steps/step.ts"
import { askedOf } from "./testTarget.ts"
import type { Performed, Session } from "./testTarget.ts"

type Perform = (session: Session, step: Step) => Promise<ReadonlyArray<Performed>>

/** The shortest interval between two versions of an asymmetric key. */
const versionMillis = 7 * 86_400_000

interface Filling {
  readonly count: (session: Session, step: Step) => number | undefined
  readonly more: (step: Step, number: number) => ReadonlyArray<Step>
}

const ofKey = (session: Session, { key = "" }: Step) => session.model.keys.get(key)

const withPlace = ({ from }: Step): Pick<Step, "from"> => (from === undefined ? {} : { from })
const placeName = ({ from }: Step): Label => (from === undefined ? "" : `@${from}`)

/** How to count each kind of item, and the steps that create one more. */
const fillings: Readonly<Record<NonNullable<Step["fills"]>, Filling>> = {
  keys: {
    count: (session, step) => countOf(askedOf(session, step), "keys"),
    more: (step, number) => [{ op: "CreateKey", makes: `f${number}${placeName(step)}`, ...withPlace(step) }]
  },
  aliases: {
    count: (session, step) => countOf(askedOf(session, step), "aliases"),
    more: (step, number) => [
      { op: "CreateAlias", key: step.key ?? "", alias: `f${number}${placeName(step)}`, ...withPlace(step) }
    ]
  },
  tags: {
    count: (session, step) => {
      const key = ofKey(session, step)
      return key === undefined ? undefined : Object.keys(key.tags).length
    },
    more: ({ key = "" }, number) => [{ op: "TagResource", key, tags: { [`tag${number}`]: "full" } }]
  },
  versions: {
    count: (session, step) => ofKey(session, step)?.versions.length,
    more: ({ key = "" }) => [
      { op: "Advance", key, millis: versionMillis },
      { op: "CreateKeyVersion", key }
    ]
  }
}

/** The steps of one filling as a single step, with the last answer and all faults. */
const joined = (step: Step, performed: ReadonlyArray<Performed>): Performed => ({
  step,
  request: performed.at(-1)?.request ?? {},
  answer: performed.at(-1)?.answer ?? { ok: true, response: {} },
  before: "",
  after: "",
  expected: "Success",
  got: performed.at(-1)?.got ?? "Success",
  findings: performed.flatMap(({ findings }) => findings)
})

/** Empty if the suite cannot know the remaining room. Stops at the first failed call. */
export const filled = async (session: Session, step: Step, perform: Perform): Promise<ReadonlyArray<Performed>> => {
  const { fills, room = 0 } = step
  const maximum = fills === undefined ? undefined : session.testTarget.quotas[fills]
  if (fills === undefined || maximum === undefined) return []
  const { count, more } = fillings[fills]
  const begin = count(session, step)
  if (begin === undefined) return []
  const all: Array<Performed> = []
  for (let number = begin; number < maximum - room; number++) {
    for (const one of more(step, number)) all.push(...(await perform(session, one)))
    if (all.at(-1)?.answer.ok !== true || all.some(({ findings }) => findings.length > 0)) break
  }
  return [joined(step, all)]
}
