/** Laws for parts of Keystate that others write. They have the form of tests, and run in a test runner or without one. */
import { Effect } from "effect"

/** A law of a store or a provider, with the function that tests it. */
export interface Law {
  /** Follows from the group and the sentence, and changes only with them. */
  readonly id: string
  readonly group: string
  readonly sentence: string
  /** Rejects if the law is broken. */
  readonly run: () => Promise<void>
}

type Body = () => void | Promise<void>
type EffectBody<A> = (value: A) => Effect.Effect<unknown, unknown>

interface It {
  (sentence: string, body: Body): void
  readonly for: <A>(cases: ReadonlyArray<A>) => (sentence: string, body: (value: A) => void | Promise<void>) => void
  readonly effect: {
    (sentence: string, body: () => Effect.Effect<unknown, unknown>): void
    readonly each: <A>(cases: ReadonlyArray<A>) => (sentence: string, body: EffectBody<A>) => void
  }
}

/** `describe` and `it` as in a test runner. Each call adds laws; nothing is run. */
export interface LawWriter {
  readonly describe: {
    (group: string, body: () => void): void
    readonly each: <A>(cases: ReadonlyArray<A>) => (group: string, body: (value: A) => void) => void
  }
  readonly it: It
}

const slugOf = (text: string): string =>
  text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-|-$/g, "")

/** `%s` stands for the case, or for the first of what it is made of. */
const named = (sentence: string, value: unknown): string =>
  sentence.replace("%s", String(Array.isArray(value) ? value[0] : value))

/** The laws that `write` writes down. What cannot even be made ready for its laws has broken one. */
export const lawsIn = (title: string, write: (writer: LawWriter) => void): ReadonlyArray<Law> => {
  const laws: Array<Law> = []
  let group = title
  const add = (sentence: string, run: () => Promise<void>): void => {
    laws.push({ id: slugOf(`${group} ${sentence}`), group, sentence, run })
  }
  const within = (name: string, body: () => void): void => {
    const outer = group
    group = name
    try {
      body()
    } catch (error) {
      add("it can be made ready for its laws", () => Promise.reject(error))
    }
    group = outer
  }
  const plain = (sentence: string, body: Body): void => add(sentence, async () => body())
  const effect = (sentence: string, body: () => Effect.Effect<unknown, unknown>): void =>
    add(sentence, () => Effect.runPromise(Effect.asVoid(Effect.suspend(body))))
  const writer: LawWriter = {
    describe: Object.assign(within, {
      each:
        <A>(cases: ReadonlyArray<A>) =>
        (name: string, body: (value: A) => void) => {
          for (const value of cases) within(named(name, value), () => body(value))
        }
    }),
    it: Object.assign(plain, {
      for:
        <A>(cases: ReadonlyArray<A>) =>
        (sentence: string, body: (value: A) => void | Promise<void>) => {
          for (const value of cases) plain(named(sentence, value), () => body(value))
        },
      effect: Object.assign(effect, {
        each:
          <A>(cases: ReadonlyArray<A>) =>
          (sentence: string, body: EffectBody<A>) => {
            for (const value of cases) effect(named(sentence, value), () => body(value))
          }
      })
    })
  }
  within(title, () => write(writer))
  return laws
}

/** Whether a store or a provider keeps a law. */
export interface LawOutcome {
  readonly id: string
  readonly group: string
  readonly sentence: string
  /** Why the law is broken; absent where it holds. */
  readonly fault?: string
}

/** Options of a check of a store or a provider. */
export interface CheckOptions {
  /** How long one law may take, in milliseconds. */
  readonly timeoutMillis?: number
  readonly onOutcome?: (outcome: LawOutcome) => void
}

const faultOf = (error: unknown): string => (error instanceof Error ? error.message || error.name : String(error))

const withinTime = async (law: Law, timeoutMillis: number): Promise<void> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${timeoutMillis} ms`)), timeoutMillis)
  })
  try {
    await Promise.race([law.run(), late])
  } finally {
    clearTimeout(timer)
  }
}

/** Runs the laws one after another; never rejects. */
export const checkLaws = async (
  laws: ReadonlyArray<Law>,
  { timeoutMillis = 60_000, onOutcome }: CheckOptions = {}
): Promise<ReadonlyArray<LawOutcome>> => {
  const outcomes: Array<LawOutcome> = []
  for (const law of laws) {
    const { id, group, sentence } = law
    const fault = await withinTime(law, timeoutMillis).then(() => undefined, faultOf)
    const outcome: LawOutcome = { id, group, sentence, ...(fault === undefined ? {} : { fault }) }
    outcomes.push(outcome)
    onOutcome?.(outcome)
  }
  return outcomes
}

/** What broke, and how much was tested, for a terminal. */
export const outcomesText = (outcomes: ReadonlyArray<LawOutcome>): string => {
  const broken = outcomes.flatMap(({ group, sentence, fault }) =>
    fault === undefined ? [] : [`BROKEN  ${group}: ${sentence}\n        ${fault.split("\n").join("\n        ")}`]
  )
  return [...broken, `${outcomes.length - broken.length} laws held, ${broken.length} broken`].join("\n")
}
