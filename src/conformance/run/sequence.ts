/** Runs a sequence of steps, and records every broken law. */
import { newLife } from "../steps/life.ts"
import type { Life } from "../steps/life.ts"
import type { LawId } from "../lawbook/laws.ts"
import { requestOf } from "../steps/request.ts"
import type { Step } from "../steps/step.ts"
import { openSession } from "./testTarget.ts"
import type { TestTarget, Performed, Session } from "./testTarget.ts"
import { runBurst } from "./burst.ts"
import { changesRights, runGrants } from "./granting.ts"
import type { Phase } from "./options.ts"
import { perform, settled } from "./perform.ts"
import { adopt, adoptToken, discardAll, makePool, makesItsOwn, retire } from "./pool.ts"
import type { Pool } from "./pool.ts"

export interface Violation {
  readonly law: LawId
  readonly fault: string
  /** The steps up to the one that broke the law. */
  readonly steps: ReadonlyArray<Step>
  readonly trace: ReadonlyArray<Performed>
  readonly phase: Phase
  /** What the sequence took over from earlier sequences. */
  readonly life: Life
}

/** The service under test between sequences: its keys, and the room that is left. */
export interface SuiteRun {
  readonly testTarget: TestTarget
  pool: Pool
  readonly seed: string
  /** Makes the names of this process unique on the service. */
  readonly prefix: string
  sequences: number
  keysMade: number
}

/** The number of keys after which the service is emptied, if it allows 200. One sequence creates fewer than 50. */
const keysBeforeRestart = ({ quotas }: TestTarget): number => Math.max(1, Math.min(150, (quotas.keys ?? 200) - 50))

/** The service accepts no more keys: not a violation, but the end of the tests. */
export class QuotaReached extends Error {
  constructor() {
    super("the service accepts no more keys")
  }
}

export const openSuiteRun = async (testTarget: TestTarget, seed: string, prefix: string): Promise<SuiteRun> => {
  await testTarget.adapter.start(seed)
  return {
    testTarget,
    pool: makePool(testTarget.adapter.capabilities.reset === "namespace"),
    seed,
    prefix,
    sequences: 0,
    keysMade: 0
  }
}

/** A new, empty service, if the adapter can start one. */
export const restart = async (suiteRun: SuiteRun): Promise<void> => {
  const { adapter } = suiteRun.testTarget
  if (adapter.capabilities.reset !== "perRun") return
  await adapter.stop()
  await adapter.start(suiteRun.seed)
  suiteRun.pool = makePool(suiteRun.pool.keepsAll)
  suiteRun.keysMade = 0
}

/** The request that would have created it. */
const adopted = ({ testTarget, model, names }: Session, step: Step): Performed => ({
  step,
  request: requestOf({ step, model, names, receiver: testTarget.receiver, dialect: testTarget.dialect }),
  answer: { ok: true, response: {} },
  before: "",
  after: "",
  expected: "Success",
  got: "Success",
  findings: []
})

/** The next step: from a given list, or chosen by the state of the model. */
export type Source = ReadonlyArray<Step> | ((session: Session, taken: number) => Step | undefined)

export interface Ran {
  readonly trace: ReadonlyArray<Performed>
  readonly violations: ReadonlyArray<Violation>
  /** Whether every key and token was created for this sequence. */
  readonly isFresh: boolean
}

interface More {
  /** Takes nothing from the pool, and returns nothing to it. */
  readonly fresh?: boolean
}

/** The state of one sequence. */
interface Running {
  readonly suiteRun: SuiteRun
  readonly session: Session
  readonly phase: Phase
  readonly fresh: boolean
  readonly life: Life
  readonly trace: Array<Performed>
  /** The steps that return the keys. They may reveal what the sequence left behind. */
  readonly ending: Array<Performed>
  readonly violations: Array<Violation>
}

const note = (running: Running, performed: ReadonlyArray<Performed>, to: Array<Performed>): void => {
  const { trace, ending, violations, phase, life } = running
  for (const one of performed) {
    to.push(one)
    life.steps.push(one.step)
    for (const { law, fault } of one.findings) {
      if (fault === undefined || violations.some((known) => known.law === law)) continue
      const until = [...trace, ...ending]
      violations.push({ law, fault, steps: until.map(({ step }) => step), trace: until, phase, life })
    }
  }
}

const runSteps = async (running: Running, source: Source): Promise<void> => {
  const { suiteRun, session, trace } = running
  const list = Array.isArray(source) ? source : undefined
  for (let taken = 0; suiteRun.testTarget.mayGoOn(); taken++) {
    const step: Step | undefined = typeof source === "function" ? source(session, taken) : source[taken]
    if (step === undefined) return
    if (step.burst === undefined || list === undefined) {
      note(running, await one(running, step, running.fresh), trace)
      continue
    }
    const together = list.filter(({ burst }) => burst === step.burst)
    if (list[taken - 1]?.burst !== step.burst)
      note(running, await (changesRights(together) ? runGrants : runBurst)(session, together), trace)
  }
}

const bringBack = (running: Running): Promise<void> => {
  const { suiteRun, session, ending } = running
  if (running.fresh) return discardAll(session)
  return retire(suiteRun.pool, session, running.life, async (step) => {
    const performed = await one(running, step, true)
    note(running, performed, ending)
    return performed.length > 0 && performed.every(({ findings }) => findings.length === 0)
  })
}

/** Whether the service is empty before a sequence, and filled after it. */
const fills = ({ testTarget }: SuiteRun, source: Source): boolean =>
  testTarget.adapter.capabilities.reset === "perRun" &&
  typeof source !== "function" &&
  source.some((step) => step.fills === "keys" || step.fills === "aliases")

export const runSequence = async (suiteRun: SuiteRun, phase: Phase, source: Source, more: More = {}): Promise<Ran> => {
  const isWhole = fills(suiteRun, source)
  if (isWhole || suiteRun.keysMade >= keysBeforeRestart(suiteRun.testTarget)) await restart(suiteRun)
  const session = await openSession(suiteRun.testTarget, `${suiteRun.prefix}${(suiteRun.sequences++).toString(36)}`)
  const running: Running = {
    suiteRun,
    session,
    phase,
    fresh: more.fresh === true || isWhole,
    life: newLife(),
    trace: [],
    ending: [],
    violations: []
  }
  session.model.isWhole = isWhole
  await runSteps(running, source)
  if (isWhole) suiteRun.keysMade = keysBeforeRestart(suiteRun.testTarget)
  if (suiteRun.testTarget.mayGoOn()) await bringBack(running)
  const { trace, violations, life } = running
  return { trace, violations, isFresh: life.adopted.size === 0 }
}

/** Takes over what a step would create, if the pool has it. */
const takenOver = ({ suiteRun, session, phase, life }: Running, step: Step): Performed | undefined => {
  const mayAdopt = step.op === "CreateKey" && !(phase === "metamorphic" && makesItsOwn(suiteRun.pool, step))
  const key = mayAdopt ? adopt(suiteRun.pool, session, step) : undefined
  const origin = key ?? adoptToken(session, step)
  if (origin === undefined || step.makes === undefined) return undefined
  life.adopted.add(step)
  life.origins.set(step.makes, origin)
  return { ...adopted(session, step), ...(key === undefined ? {} : { after: afterOf(session, step) }) }
}

const one = async (running: Running, step: Step, fresh: boolean): Promise<ReadonlyArray<Performed>> => {
  const { suiteRun, session } = running
  const found = fresh ? undefined : takenOver(running, step)
  if (found !== undefined) return [found]
  const performed = await perform(session, step)
  const [first] = performed
  if (first === undefined) return []
  if (step.op === "CreateKey") {
    // If the suite created everything in the service, it knows the remaining room.
    const isTold = session.model.isWhole && session.testTarget.quotas.keys !== undefined
    const isFull = first.got === "Rejected.LimitExceeded" || first.got === "LimitExceededException"
    if (isFull && !isTold) throw new QuotaReached()
    if (first.answer.ok) suiteRun.keysMade++
  }
  const more = await settled(session)
  return more === undefined ? performed : [...performed, more]
}

const afterOf = (session: Session, step: Step): string =>
  String(session.model.keys.get(step.makes ?? "")?.snapshot.value.lifecycle ?? "")
