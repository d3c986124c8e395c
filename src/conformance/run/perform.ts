/** Carries out one step: sends it, compares the answer with the model, and moves the model on. */
import type { Answer } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import { advance, afterRefusal, isOverdue, stateOf } from "../model/model.ts"
import type { ModelKey } from "../model/model.ts"
import { predict } from "../predict/predict.ts"
import type { Prediction, Tested } from "../predict/prediction.ts"
import { broken } from "../predict/prediction.ts"
import { textOf } from "../steps/reply.ts"
import { requestOf } from "../steps/request.ts"
import { moves } from "../steps/step.ts"
import type { Label, Step } from "../steps/step.ts"
import { ask, within } from "./asking.ts"
import { askedOf, stateName } from "./bench.ts"
import type { Performed, Session } from "./bench.ts"
import { expectedOf, judge } from "./judge.ts"
import { countCall, countLaws, countMove } from "./tally.ts"

const isBroken = ({ fault }: Tested): boolean => fault !== undefined

/** A step that was sent, with its answer and the laws that it tests. */
interface Outcome {
  readonly step: Step
  readonly prediction: Prediction
  readonly answer: Answer
  readonly tested: ReadonlyArray<Tested>
}

const noteRefusal = ({ model }: Session, prediction: Prediction): void => {
  prediction.miss?.(model)
  const known = prediction.key === undefined ? undefined : model.keys.get(prediction.key)
  if (known === undefined || prediction.accept !== undefined) return
  model.keys.set(known.label, { ...known, because: afterRefusal(known, prediction.denied === true) })
}

const noteAcceptance = ({ model, names }: Session, { step, prediction }: Outcome, response: unknown): void => {
  // The model does not know what an alias stands for that was accepted against a law.
  if (prediction.accept === undefined && step.alias !== undefined) model.lost.add(step.alias)
  prediction.accept?.apply?.(model, response, names)
}

/** Moves the model on, and gives up a key about which the service and the model disagree. */
const settle = (session: Session, outcome: Outcome): void => {
  const { answer, prediction, tested } = outcome
  if (answer.ok) noteAcceptance(session, outcome, answer.response)
  else noteRefusal(session, prediction)
  if (prediction.key !== undefined && tested.some((one) => one.apart === true && isBroken(one)))
    session.model.lost.add(prediction.key)
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

/** Whether a key that is elsewhere could explain the wrong answer. */
const mayHaveRoot = ({ step, answer, tested }: Outcome): boolean =>
  tested.some(isBroken) && step.op !== "DescribeKey" && !(answer.ok && moves.has(step.op))

/** A wrong answer may be right for the state the key is in: then the law that a step before broke is named. */
const rooted = async (session: Session, outcome: Outcome): Promise<ReadonlyArray<Tested>> => {
  if (!mayHaveRoot(outcome)) return outcome.tested
  for (const label of [outcome.prediction.key, outcome.step.to]) {
    const root = label === undefined ? undefined : await elsewhere(session, label)
    if (root === undefined || label === undefined) continue
    session.model.lost.add(label)
    return [root]
  }
  return outcome.tested
}

const isPlain = (step: Step): boolean => step.twist === undefined && step.as === undefined && step.by === undefined

/** Refused for what was sent, whatever the state of the key. */
const contentLaws: ReadonlySet<LawId> = new Set([
  "KMS-DEL-014",
  "KMS-VER-006",
  "KMS-AL-002",
  "KMS-IMP-009",
  "KMS-IMP-010"
])
const isOfContent = ({ refuse }: Prediction): boolean => refuse?.law !== undefined && contentLaws.has(refuse.law)

const gotOf = (answer: Answer): string => (answer.ok ? "Success" : answer.code)

const count = (
  { bench }: Session,
  { step, prediction, answer, tested }: Outcome,
  { before, after }: { readonly before: ModelKey | undefined; readonly after: ModelKey | undefined }
): void => {
  const right = !tested.some(isBroken)
  countLaws(bench.tally, tested)
  countCall(bench.tally, {
    operation: step.op,
    key: before ?? after,
    plain: isPlain(step) && !isOfContent(prediction),
    answer: gotOf(answer),
    ok: answer.ok,
    right,
    open: prediction.accept !== undefined && prediction.refuse !== undefined
  })
  if (answer.ok && after !== undefined && right && prediction.changes === true)
    countMove(bench.tally, before, after, step.op)
}

/** Carries out a step. Undefined if it cannot be run: something it needs was not made, or the service lacks it. */
export const perform = async (session: Session, step: Step): Promise<Performed | undefined> => {
  const { bench, names, model } = session
  if (step.op === "Advance") return wait(session, step)
  const asked = askedOf(session, step)
  const prediction = bench.has.has(step.op) ? predict(asked) : undefined
  if (prediction === undefined) return undefined
  const keyNow = (): ModelKey | undefined =>
    prediction.key === undefined ? undefined : session.model.keys.get(prediction.key)
  const request = requestOf({ step, model, names, receiver: bench.receiver, dialect: bench.dialect })
  const before = keyNow()
  const answer = await ask(session, step, request)
  const sent: Outcome = { step, prediction, answer, tested: judge(asked, prediction, answer) }
  const outcome: Outcome = { ...sent, tested: await rooted(session, sent) }
  settle(session, outcome)
  const after = keyNow()
  count(session, outcome, { before, after })
  return {
    step,
    request,
    answer,
    before: stateName(before),
    after: stateName(after),
    expected: expectedOf(prediction, bench.dialect),
    got: gotOf(answer),
    findings: outcome.tested.filter(isBroken)
  }
}

/** Moves time on, in the service and in the model. */
const wait = async ({ bench, model }: Session, step: Step): Promise<Performed | undefined> => {
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
  return {
    step,
    request: { millis },
    answer: { ok: true, response: {} },
    before: stateName(key),
    after: stateName(step.key === undefined ? undefined : model.keys.get(step.key)),
    expected: "",
    got: "",
    findings: []
  }
}

/** A suspended rotation that may go on happens at a time of the service's choosing; after a second it is certain. */
export const settled = async (session: Session): Promise<Performed | undefined> =>
  isOverdue(session.model) ? wait(session, { op: "Advance", millis: 1000 }) : undefined
