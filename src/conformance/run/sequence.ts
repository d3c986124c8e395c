/** Runs a sequence of steps on fresh keys, and notes every law that breaks on the way. */
import { runBurst } from "./burst.ts"
import { adopt, adoptToken, makePool, retire } from "./pool.ts"
import type { Pool } from "./pool.ts"
import type { Phase } from "./options.ts"
import { requestOf } from "../steps/request.ts"
import { openSession } from "./bench.ts"
import { perform, settled } from "./perform.ts"
import type { Bench, Performed, Session } from "./bench.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Step } from "../steps/step.ts"

export interface Violation {
  readonly law: LawId
  readonly fault: string
  /** Steps up to and with the one that broke it. */
  readonly steps: ReadonlyArray<Step>
  readonly trace: ReadonlyArray<Performed>
  readonly phase: Phase
}

/** The service under test between sequences: its keys, and how full it is. */
export interface Arena {
  readonly bench: Bench
  pool: Pool
  readonly seed: string
  /** Sets the names of this process apart from all others on the same service. */
  readonly prefix: string
  sequences: number
  keysMade: number
}

/** Made since the service was empty: beyond it, it is emptied. The service takes 200 keys. */
const keysBeforeRestart = 150

/** The service takes no more keys: no fault of its laws, and the end of what can be tested. */
export class QuotaReached extends Error {
  constructor() {
    super("the service takes no more keys")
  }
}

export const openArena = async (bench: Bench, seed: string, prefix: string): Promise<Arena> => {
  await bench.adapter.start(seed)
  return {
    bench,
    pool: makePool(bench.adapter.capabilities.reset === "namespace"),
    seed,
    prefix,
    sequences: 0,
    keysMade: 0
  }
}

const emptied = async (arena: Arena): Promise<void> => {
  const { adapter } = arena.bench
  if (adapter.capabilities.reset !== "perRun" || arena.keysMade < keysBeforeRestart) return
  await adapter.stop()
  await adapter.start(arena.seed)
  arena.pool = makePool(arena.pool.keepsAll)
  arena.keysMade = 0
}

/** The request is the one that would have made it. */
const adopted = ({ bench, model, names }: Session, step: Step): Performed => ({
  step,
  request: requestOf({ step, model, names, receiver: bench.receiver, dialect: bench.dialect }),
  answer: { ok: true, response: {} },
  before: "",
  after: "",
  expected: "Success",
  got: "Success",
  findings: []
})

/** What comes next: a given list, or a choice that looks at the model. */
export type Source = ReadonlyArray<Step> | ((session: Session, taken: number) => Step | undefined)

export interface Ran {
  readonly trace: ReadonlyArray<Performed>
  readonly violations: ReadonlyArray<Violation>
}

export const runSequence = async (
  arena: Arena,
  phase: Phase,
  source: Source,
  more: { readonly fresh?: boolean } = {}
): Promise<Ran> => {
  await emptied(arena)
  const session = await openSession(arena.bench, `${arena.prefix}${(arena.sequences++).toString(36)}`)
  const trace: Array<Performed> = []
  /** What brings the keys back. It may show what the sequence left behind. */
  const ending: Array<Performed> = []
  const violations: Array<Violation> = []
  const note = (performed: ReadonlyArray<Performed>, to = trace): void => {
    for (const one of performed) {
      to.push(one)
      for (const { law, fault } of one.findings) {
        if (fault === undefined || violations.some((known) => known.law === law)) continue
        const until = [...trace, ...ending]
        violations.push({ law, fault, steps: until.map(({ step }) => step), trace: until, phase })
      }
    }
  }
  const list = Array.isArray(source) ? source : undefined
  for (let taken = 0; arena.bench.mayGoOn(); taken++) {
    const step: Step | undefined = typeof source === "function" ? source(session, taken) : source[taken]
    if (step === undefined) break
    if (step.burst !== undefined && list !== undefined) {
      const together = list.filter(({ burst }) => burst === step.burst)
      if (list[taken - 1]?.burst !== step.burst) note(await runBurst(session, together))
      continue
    }
    note(await one(arena, session, step, more.fresh === true))
  }
  if (arena.bench.mayGoOn()) {
    await retire(arena.pool, session, async (step) => {
      const performed = await one(arena, session, step, true)
      note(performed, ending)
      return performed.length > 0 && performed.every(({ findings }) => findings.length === 0)
    })
  }
  return { trace, violations }
}

const one = async (arena: Arena, session: Session, step: Step, fresh: boolean): Promise<ReadonlyArray<Performed>> => {
  if (step.op === "CreateKey" && !fresh && adopt(arena.pool, session, step))
    return [{ ...adopted(session, step), after: afterOf(session, step) }]
  if (adoptToken(session, step)) return [adopted(session, step)]
  const performed = await perform(session, step)
  if (performed === undefined) return []
  if (step.op === "CreateKey") {
    if (performed.got === "Rejected.LimitExceeded" || performed.got === "LimitExceededException")
      throw new QuotaReached()
    if (performed.answer.ok) arena.keysMade++
  }
  const more = await settled(session)
  return more === undefined ? [performed] : [performed, more]
}

const afterOf = (session: Session, step: Step): string =>
  String(session.model.keys.get(step.makes ?? "")?.snapshot.value.lifecycle ?? "")
