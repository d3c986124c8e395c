/** One service under test: takes steps one at a time, asks it, and holds each answer against the model. */
import type { Answer, KmsAdapter, OperationName } from "../adapters/adapter.ts"
import { ask, within } from "./asking.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { codesIn, operationIn } from "../dialects/inDialect.ts"
import { advance, afterRefusal, emptyModel, isOverdue, stateOf } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import { makeNames } from "../steps/names.ts"
import type { Names } from "../steps/names.ts"
import { predict } from "../predict/predict.ts"
import type { Asked, Prediction, Tested } from "../predict/prediction.ts"
import { broken, held } from "../predict/prediction.ts"
import type { Receiver } from "../steps/receiver.ts"
import { requestOf } from "../steps/request.ts"
import type { Request } from "../steps/request.ts"
import { textOf } from "../steps/reply.ts"
import { moves } from "../steps/step.ts"
import type { Label, Step } from "../steps/step.ts"
import { countCall, countLaws, countMove } from "./tally.ts"
import type { Tally } from "./tally.ts"

export interface Bench {
  readonly adapter: KmsAdapter
  readonly dialect: Dialect
  readonly receiver: Receiver
  readonly tally: Tally
  /** Operations the service has and the dialect knows. */
  readonly has: ReadonlySet<OperationName>
  /** Throws when the time for the run is over. */
  readonly mayGoOn: () => boolean
}

/** What one run on fresh keys knows. */
export interface Session {
  readonly bench: Bench
  model: Model
  readonly names: Names
}

export interface Performed {
  readonly step: Step
  readonly request: Request
  readonly answer: Answer
  readonly before: string
  readonly after: string
  readonly expected: string
  readonly got: string
  readonly findings: ReadonlyArray<Tested>
}

export const openSession = async (bench: Bench, run: string): Promise<Session> => ({
  bench,
  model: emptyModel((await bench.adapter.now?.()) ?? 0),
  names: makeNames(run)
})

export const askedOf = ({ bench, model, names }: Session, step: Step): Asked => ({
  model,
  step,
  names,
  dialect: bench.dialect,
  clock: bench.adapter.capabilities.clock,
  receiver: bench.receiver
})

const stateName = (key: ModelKey | undefined): string => (key === undefined ? "" : stateOf(key))

/** What the answer says of the laws at stake. */
export const judge = (asked: Asked, prediction: Prediction, answer: Answer): ReadonlyArray<Tested> => {
  const { accept, refuse } = prediction
  const operation = operationIn(asked.dialect, asked.step.op, asked.step.on)
  if (answer.ok) {
    if (accept === undefined) {
      const fault = `${operation} was accepted; it should be refused.`
      const apart = prediction.changes === true ? ({ apart: true } as const) : {}
      return refuse?.law === undefined ? [] : [{ ...broken(refuse.law, fault), ...apart }]
    }
    return [
      ...(accept.law === undefined ? [] : [held(accept.law)]),
      ...(accept.check?.(answer.response, asked.names) ?? [])
    ]
  }
  const healthy =
    answer.httpStatus < 500
      ? held("KMS-LC-026")
      : broken("KMS-LC-026", `The service failed: ${answer.httpStatus} ${answer.code}.`)
  if (refuse === undefined) {
    const fault = `${operation} was refused with ${answer.code}; it should be accepted.`
    return accept?.law === undefined ? [healthy] : [broken(accept.law, fault), healthy]
  }
  const tested = [...(refuse.law === undefined ? [] : [held(refuse.law)]), healthy]
  if (refuse.codeLaw === undefined || answer.httpStatus >= 500) return tested
  const known = refuse.codes.flatMap((code) => asked.dialect.codes[code])
  return known.includes(answer.code)
    ? [...tested, held(refuse.codeLaw)]
    : [...tested, broken(refuse.codeLaw, `${operation} was refused with ${answer.code}, not ${known.join(" or ")}.`)]
}

export const expectedOf = ({ accept, refuse }: Prediction, dialect: Dialect): string => {
  const codes = refuse === undefined ? "" : refuse.codes.length === 0 ? "refused" : codesIn(dialect, refuse.codes)
  return accept === undefined ? codes : refuse === undefined ? "Success" : `Success or ${codes}`
}

const settle = (
  model: Model,
  step: Step,
  prediction: Prediction,
  answer: Answer,
  names: Names,
  findings: ReadonlyArray<Tested>
): void => {
  const { key } = prediction
  // Whatever it stands for now, the model does not say.
  if (answer.ok && prediction.accept === undefined && step.alias !== undefined) model.lost.add(step.alias)
  if (answer.ok) prediction.accept?.apply?.(model, answer.response, names)
  else {
    prediction.miss?.(model)
    const known = key === undefined ? undefined : model.keys.get(key)
    if (known !== undefined && prediction.accept === undefined) {
      model.keys.set(known.label, { ...known, because: afterRefusal(known, prediction.denied === true) })
    }
  }
  if (key !== undefined && findings.some(({ apart, fault }) => apart === true && fault !== undefined))
    model.lost.add(key)
}

/** Where the service says a key is, if it says so and the model knows better. */
const elsewhere = async (session: Session, label: Label): Promise<Tested | undefined> => {
  const key = session.model.keys.get(label)
  const KeyId = session.names.of(label)
  if (key === undefined || KeyId === undefined || stateOf(key) === "Deleted") return undefined
  const answer = await ask(session, { op: "DescribeKey", key: label }, { KeyId })
  if (!answer.ok && session.bench.dialect.codes["Forbidden.KeyNotFound"].includes(answer.code))
    return { ...broken("KMS-LC-014", "The key is not found."), apart: true }
  const told = answer.ok ? textOf(answer.response, "KeyMetadata.KeyState") : undefined
  if (told === undefined || told === stateOf(key)) return undefined
  return { ...broken(key.because, `The key is ${told}; it should be ${stateOf(key)}.`), apart: true }
}

/**
 * A use that ends otherwise than it should may be right for where the key really is: then what brought the key there is
 * at fault, and not the use.
 */
const rooted = async (
  session: Session,
  prediction: Prediction,
  { step, answer, tested }: { readonly step: Step; readonly answer: Answer; readonly tested: ReadonlyArray<Tested> }
): Promise<ReadonlyArray<Tested>> => {
  if (
    step.op === "DescribeKey" ||
    (answer.ok && moves.has(step.op)) ||
    tested.every(({ fault }) => fault === undefined)
  )
    return tested
  for (const label of [prediction.key, step.to]) {
    const root = label === undefined ? undefined : await elsewhere(session, label)
    if (root === undefined || label === undefined) continue
    session.model.lost.add(label)
    return [root]
  }
  return tested
}

const isPlain = (step: Step): boolean => step.twist === undefined && step.as === undefined && step.by === undefined

/** Carries out a step. Undefined if it cannot be run: something it needs was not made, or the service does not have it. */
export const perform = async (session: Session, step: Step): Promise<Performed | undefined> => {
  const { bench, names } = session
  if (step.op === "Advance") return wait(session, step)
  if (!bench.has.has(step.op)) return undefined
  const asked = askedOf(session, step)
  const prediction = predict(asked)
  if (prediction === undefined) return undefined
  const request = requestOf({ step, model: session.model, names, receiver: bench.receiver, dialect: bench.dialect })
  const before = prediction.key === undefined ? undefined : session.model.keys.get(prediction.key)
  const answer = await ask(session, step, request)
  const tested = await rooted(session, prediction, { step, answer, tested: judge(asked, prediction, answer) })
  const findings = tested.filter(({ fault }) => fault !== undefined)
  countLaws(bench.tally, tested)
  settle(session.model, step, prediction, answer, names, tested)
  const after = prediction.key === undefined ? undefined : session.model.keys.get(prediction.key)
  const open = prediction.accept !== undefined && prediction.refuse !== undefined
  const got = answer.ok ? "Success" : answer.code
  countCall(bench.tally, {
    operation: step.op,
    key: before ?? after,
    plain: isPlain(step) && !isOfContent(prediction),
    answer: got,
    ok: answer.ok,
    right: findings.length === 0,
    open
  })
  if (answer.ok && after !== undefined && findings.length === 0 && prediction.changes === true) {
    countMove(bench.tally, before, after, step.op)
  }
  return {
    step,
    request,
    answer,
    before: stateName(before),
    after: stateName(after),
    expected: expectedOf(prediction, bench.dialect),
    got,
    findings
  }
}

/** Refused for what was sent, not for where the key stands. */
const contentLaws: ReadonlySet<string> = new Set([
  "KMS-DEL-014",
  "KMS-VER-006",
  "KMS-AL-002",
  "KMS-IMP-009",
  "KMS-IMP-010"
])
const isOfContent = ({ refuse }: Prediction): boolean => refuse?.law !== undefined && contentLaws.has(refuse.law)

/** Moves time on, in the service and in the model. */
const wait = async (session: Session, step: Step): Promise<Performed | undefined> => {
  const { bench, model } = session
  const { adapter, dialect, tally } = bench
  const millis = step.millis ?? 0
  if (adapter.capabilities.clock !== "virtual" || adapter.advance === undefined || millis <= 0) return undefined
  const key = step.key === undefined ? undefined : model.keys.get(step.key)
  const befores = new Map(model.keys)
  await within(adapter.advance(millis), `moving time on by ${millis} ms`)
  tally.calls++
  for (const label of advance(model, millis, dialect)) {
    const after = model.keys.get(label)
    const before = befores.get(label)
    if (after !== undefined && before !== undefined) countMove(tally, before, after, "time")
  }
  const after = step.key === undefined ? undefined : model.keys.get(step.key)
  return {
    step,
    request: { millis },
    answer: { ok: true, response: {} },
    before: stateName(key),
    after: stateName(after),
    expected: "",
    got: "",
    findings: []
  }
}

/** What a service may still do on its own account when a suspended rotation may go on: time makes it certain. */
export const settled = async (session: Session): Promise<Performed | undefined> =>
  isOverdue(session.model) ? wait(session, { op: "Advance", millis: 1000 }) : undefined
