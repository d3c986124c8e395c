/** Laws for parts of Keystate that others write. They are written like tests, and run with or without a test runner. */
import { Effect } from "effect"

/** A law of a store or a provider, with the function that tests it. */
export interface Law {
  /** Derived from the group and the sentence, and changes only with them. */
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

/** `describe` and `it` as in a test runner. Each call adds laws without running them. */
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

/** `%s` is replaced by the case, or by its first part. */
const named = (sentence: string, value: unknown): string =>
  sentence.replace("%s", String(Array.isArray(value) ? value[0] : value))

/** The laws that `write` declares. A failure to prepare the subject of a law breaks that law. */
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

/** Whether a store or a provider obeys a law. */
export interface LawOutcome {
  readonly id: string
  readonly group: string
  readonly sentence: string
  /** Why the law is broken; absent if it holds. */
  readonly fault?: string
}

/** Options of a check of a store or a provider. */
export interface CheckOptions {
  /** The time limit of one law, in milliseconds. */
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

/** Runs the laws one after another. Never rejects. */
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

/** The broken laws and the number of tested laws, for a terminal. */
export const outcomesText = (outcomes: ReadonlyArray<LawOutcome>): string => {
  const broken = outcomes.flatMap(({ group, sentence, fault }) =>
    fault === undefined ? [] : [`BROKEN  ${group}: ${sentence}\n        ${fault.split("\n").join("\n        ")}`]
  )
  return [...broken, `${outcomes.length - broken.length} laws held, ${broken.length} broken`].join("\n")
}
