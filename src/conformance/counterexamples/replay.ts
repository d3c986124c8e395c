/** Runs a counterexample again, to see whether the law is still broken. */
import { operations } from "../adapters/adapter.ts"
import type { KmsAdapter } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { dialects, vendor } from "../dialects/dialects.ts"
import { isLawId } from "../lawbook/laws.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Counterexample, TracedStep } from "../report/report.ts"
import { makeReceiver } from "../steps/receiver.ts"
import { quotasOf } from "../run/settings.ts"
import { openSuiteRun, runSequence } from "../run/sequence.ts"
import { isDeed } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"
import { makeTally } from "../run/tally.ts"
import { tracedStep } from "../report/trace.ts"

/** The version of the form of `Replay`. It changes when an older reader would misread a newer file. */
export const replaySchema = "keystate-conformance-replay/1"

/** The steps of a counterexample, as stored in a file. */
export interface Replay {
  readonly schema: typeof replaySchema
  readonly law: LawId
  readonly dialect: string
  readonly seed: string
  readonly steps: ReadonlyArray<Step>
}

/** What happened when the steps of a counterexample ran again. */
export interface Replayed {
  /** `INCONCLUSIVE`: the law was not tested again. */
  readonly status: "FIXED" | "STILL FAILING" | "INCONCLUSIVE"
  readonly finding: string
  readonly trace: ReadonlyArray<TracedStep>
}

/** The steps of a counterexample, in the form that `replay` reads. */
export const replayOf = ({ law, seed, replay }: Counterexample, dialect: string): Replay => ({
  schema: replaySchema,
  law,
  dialect,
  seed,
  steps: replay
})

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

const isStep = (value: unknown): value is Step =>
  isRecord(value) &&
  typeof value["op"] === "string" &&
  (isDeed(value["op"]) || operations.some((known) => known === value["op"]))

/** Throws an error that describes the fault, unless the text is a replay file. */
export const parseReplay = (text: string): Replay => {
  const value: unknown = JSON.parse(text)
  if (!isRecord(value) || value["schema"] !== replaySchema)
    throw new Error(`This is not a replay file of ${replaySchema}.`)
  const { law, dialect, seed, steps } = value
  if (typeof law !== "string" || typeof dialect !== "string" || typeof seed !== "string" || !Array.isArray(steps)) {
    throw new Error("The replay file lacks its law, dialect, seed or steps.")
  }
  if (!isLawId(law)) throw new Error(`The replay file names ${law}, which is not the id of a law.`)
  const wrong = steps.findIndex((step) => !isStep(step))
  if (wrong !== -1) throw new Error(`Step ${wrong + 1} of the replay file has no known operation.`)
  return { schema: replaySchema, law, dialect, seed, steps: steps.filter((step) => isStep(step)) }
}

/** Bursts differ from run to run, so they are tried several times. */
const triesFor = (steps: ReadonlyArray<Step>): number => (steps.some(({ burst }) => burst !== undefined) ? 20 : 1)

/** Runs the steps of a counterexample again, and reports whether the law is still broken. */
export const replay = async (adapter: KmsAdapter, given: Replay, use?: Dialect): Promise<Replayed> => {
  const dialect = use ?? dialects[given.dialect] ?? vendor
  const tally = makeTally()
  const has = new Set(
    operations.filter(
      (name) => adapter.capabilities.operations.includes(name) && dialect.operations[name] !== undefined
    )
  )
  const testTarget = {
    adapter,
    dialect,
    quotas: quotasOf(adapter, { dialect, profiles: adapter.capabilities.profiles }),
    receiver: makeReceiver(),
    tally,
    has,
    looksAfterRefusals: false,
    mayGoOn: () => true
  }
  const prefix =
    adapter.capabilities.reset === "perRun"
      ? ""
      : `r${Buffer.from(crypto.getRandomValues(new Uint8Array(4))).toString("hex")}-`
  const suiteRun = await openSuiteRun(testTarget, given.seed, prefix)
  try {
    let trace: ReadonlyArray<TracedStep> = []
    for (let tries = 0; tries < triesFor(given.steps); tries++) {
      const ran = await runSequence(suiteRun, "exhaustive", given.steps)
      trace = ran.trace.map((performed, index) => tracedStep(performed, index + 1, dialect))
      const broken = ran.violations.find(({ law }) => law === given.law)
      if (broken !== undefined) return { status: "STILL FAILING", finding: broken.fault, trace }
    }
    return tally.laws.has(given.law)
      ? { status: "FIXED", finding: "", trace }
      : { status: "INCONCLUSIVE", finding: "The law was not tested.", trace }
  } finally {
    await adapter.stop()
  }
}
