/** Performs one step: sends it, compares the answer with the model, and updates the model. */
import type { Answer, OperationName } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import { advance, afterRefusal, isOverdue, stateOf } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import { predict } from "../predict/predict.ts"
import type { Prediction, Tested } from "../predict/prediction.ts"
import { requestOf } from "../steps/request.ts"
import { comparedToNone, leaksTold } from "../predict/places.ts"
import { textOf } from "../steps/reply.ts"
import { changesKey, isDeed, moves } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"
import { ask, within } from "./asking.ts"
import { askedOf, stateName } from "./testTarget.ts"
import type { Performed, Session } from "./testTarget.ts"
import { expectedOf, judge, rightCodes } from "./judge.ts"
import { filled } from "./filling.ts"
import { granted } from "./granting.ts"
import { restarted, sinceRestart } from "./restarting.ts"
import { countCall, countLaws, countMove, countSituations } from "./tally.ts"
import type { Situation } from "./tally.ts"

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
  // The alias was accepted against a law, so its key is unknown to the model.
  if (prediction.accept === undefined && step.alias !== undefined) model.lost.add(step.alias)
  if (prediction.changes === true) model.changes++
  const { apply } = prediction.accept ?? prediction.ifAccepted ?? {}
  const before = prediction.key === undefined ? undefined : model.keys.get(prediction.key)
  apply?.(model, response, names)
  if (prediction.accept === undefined) blameRefusal(model, prediction, before)
}

/**
 * A call that had to be refused has no right effect. If it changed the key in the model, and the service shows another
 * state, that breaks the law of the refusal.
 */
const blameRefusal = (model: Model, { refuse }: Prediction, before: ModelKey | undefined): void => {
  const after = before === undefined ? undefined : model.keys.get(before.label)
  if (refuse?.law === undefined || after === undefined || after.snapshot === before?.snapshot) return
  model.keys.set(after.label, { ...after, because: refuse.law })
}

/** Updates the model, and gives up a key about which the service and the model disagree. */
const settle = (session: Session, outcome: Outcome): void => {
  const { answer, prediction, tested } = outcome
  if (answer.ok) noteAcceptance(session, outcome, answer.response)
  else noteRefusal(session, prediction)
  if (prediction.key !== undefined && tested.some((one) => one.apart === true && isBroken(one)))
    session.model.lost.add(prediction.key)
}

/** Whether another state of the key could explain the wrong answer. */
const mayHaveRoot = ({ step, answer, tested }: Outcome): boolean =>
  tested.some(isBroken) && step.op !== "DescribeKey" && !(answer.ok && moves.has(step.op))

/** The key, described from its own account and region. */
const at = ({ label, place }: ModelKey): Pick<Step, "key" | "from"> => ({
  key: label,
  ...(place === undefined ? {} : { from: place })
})

/** Whether the description shows that the key's state differs from the model's, or that the key does not exist. */
const showsRoot = ({ answer, findings }: Performed): boolean =>
  findings.some(({ apart }) => apart === true || !answer.ok)

/**
 * A wrong answer may be right for the state that the key is in. So the suite describes the keys of the step. A state
 * that differs from the model's breaks the law of the step that should have led to it.
 */
const rootOf = async (session: Session, outcome: Outcome): Promise<Performed | undefined> => {
  if (!mayHaveRoot(outcome)) return undefined
  for (const label of [outcome.prediction.key, outcome.step.to]) {
    const key = label === undefined ? undefined : session.model.keys.get(label)
    if (key === undefined || session.model.lost.has(key.label) || stateOf(key) === "Deleted") continue
    const [look] = await perform(session, { op: "DescribeKey", ...at(key) })
    if (look === undefined || !showsRoot(look)) continue
    session.model.lost.add(key.label)
    return look
  }
  return undefined
}

const isPlain = (step: Step): boolean =>
  step.twist === undefined && step.as === undefined && step.by === undefined && step.wire === undefined

/** Laws about refusals of the request's content, in every state of the key. */
const contentLaws: ReadonlySet<LawId> = new Set([
  "KMS-DEL-014",
  "KMS-VER-006",
  "KMS-AL-002",
  "KMS-QUO-007",
  "KMS-QUO-009",
  "KMS-QUO-010",
  "KMS-IMP-009",
  "KMS-IMP-010"
])
const isOfContent = ({ refuse }: Prediction): boolean => refuse?.law !== undefined && contentLaws.has(refuse.law)

const gotOf = (answer: Answer): string => (answer.ok ? "Success" : answer.code)

interface Seen {
  readonly before: ModelKey | undefined
  readonly after: ModelKey | undefined
  /** The following description of the key breaks a law instead. */
  readonly isExplained: boolean
}

const callerOf = ({ as, from }: Step): Situation["caller"] => from ?? (as === undefined ? "root" : "user")

const count = (
  { testTarget, isRestarted }: Session,
  { step, prediction, answer, tested }: Outcome,
  { before, after, isExplained }: Seen
): void => {
  const right = !tested.some(isBroken)
  if (!isExplained) {
    countLaws(testTarget.tally, tested)
    const { kind = "none" } = before ?? after ?? {}
    countSituations(testTarget.tally, tested, {
      kind,
      state: stateName(before ?? after),
      caller: callerOf(step),
      isRestarted
    })
  }
  countCall(testTarget.tally, {
    operation: step.op,
    key: before ?? after,
    plain: isPlain(step) && !isOfContent(prediction),
    answer: gotOf(answer),
    ok: answer.ok,
    right,
    open: prediction.accept !== undefined && prediction.refuse !== undefined
  })
  if (answer.ok && after !== undefined && right && prediction.changes === true)
    countMove(testTarget.tally, before, after, step.op)
}

/** Whether the service has the operation, and the adapter this form of call. */
const canAsk = ({ testTarget }: Session, { op, wire, from }: Step): boolean =>
  !isDeed(op) &&
  testTarget.has.has(op) &&
  (wire === undefined || testTarget.adapter.callAs !== undefined) &&
  (from === undefined || testTarget.adapter.capabilities.profiles.includes("accounts"))

/**
 * A refusal because of the caller's account or region, with the refusal of the same call about a key that does not
 * exist.
 */
const askedOfNone = async (
  session: Session,
  { step, prediction, answer }: Omit<Outcome, "tested">
): Promise<ReadonlyArray<Tested>> => {
  if (prediction.foreign !== true || answer.ok || step.key === undefined) return []
  const { testTarget, names, model } = session
  const twin: Step = { ...step, twist: "unknownKey" }
  const request = requestOf({ step: twin, model, names, receiver: testTarget.receiver, dialect: testTarget.dialect })
  const ofNone = await ask(session, twin, request)
  const leaks = leaksTold(askedOf(session, twin), ofNone)
  const ids = [names.of(step.key), textOf(request, "KeyId"), textOf(request, "ProtectedResourceArn")]
  return [
    ...leaks,
    comparedToNone(
      answer,
      ofNone,
      ids.filter((id) => id !== undefined)
    )
  ]
}

/**
 * Performs a step, and describes its key if that explains a wrong answer. Empty if the step cannot run: something that
 * it needs was not created, or the service lacks the operation.
 */
export const perform = async (session: Session, step: Step): Promise<ReadonlyArray<Performed>> => {
  const { testTarget, names, model } = session
  if (step.op === "Advance") {
    const waited = await wait(session, step)
    return waited === undefined ? [] : [waited]
  }
  if (step.op === "Grant") return granted(session, step)
  if (step.op === "Fill") return filled(session, step, perform)
  if (step.op === "Restart") return restarted(session, step, perform)
  const asked = askedOf(session, step)
  const isThere = canAsk(session, step)
  const prediction = isThere ? predict(asked) : undefined
  if (prediction === undefined) return []
  const keyNow = (): ModelKey | undefined =>
    prediction.key === undefined ? undefined : session.model.keys.get(prediction.key)
  const request = requestOf({ step, model, names, receiver: testTarget.receiver, dialect: testTarget.dialect })
  const before = keyNow()
  const answer = await ask(session, step, request)
  const judged = [...judge(asked, prediction, answer), ...(await askedOfNone(session, { step, prediction, answer }))]
  const tested = sinceRestart(session, step, judged)
  const outcome: Outcome = { step, prediction, answer, tested }
  const root = await rootOf(session, outcome)
  settle(session, outcome)
  const after = keyNow()
  count(session, outcome, { before, after, isExplained: root !== undefined })
  const performed: Performed = {
    step,
    request,
    answer,
    before: stateName(before),
    after: stateName(after),
    expected: expectedOf(prediction, testTarget.dialect),
    ...rightCodes(prediction, testTarget.dialect),
    got: gotOf(answer),
    findings: root === undefined ? outcome.tested.filter(isBroken) : []
  }
  if (root !== undefined) return [performed, root]
  return [performed, ...(await looksAfter(session, outcome))]
}

/** The calls that show whether a refused call changed something; DescribeKey shows the rest. */
const looks: { readonly [operation in Step["op"]]?: OperationName } = {
  TagResource: "ListResourceTags",
  UntagResource: "ListResourceTags",
  CreateAlias: "ListAliasesByKeyId",
  UpdateAlias: "ListAliasesByKeyId",
  CreateKeyVersion: "ListKeyVersions"
}

/** Whether a call was accepted against a law, so that only the service knows what it did. */
const isUnexpected = ({ answer, prediction }: Outcome): boolean =>
  answer.ok && prediction.accept === undefined && prediction.ifAccepted !== undefined

/**
 * A refused call that may change a key is followed by calls that describe the key. So is a call that was accepted
 * against a law. If the key is then in another state than expected, the model gives the key up.
 */
const looksAfter = async (session: Session, outcome: Outcome): Promise<ReadonlyArray<Performed>> => {
  const { step, prediction, answer, tested } = outcome
  const { key } = prediction
  const isRefused = session.testTarget.looksAfterRefusals && !answer.ok && !tested.some(isBroken)
  if (!isRefused && !isUnexpected(outcome)) return []
  if (key === undefined || !changesKey(step.op)) return []
  const known = session.model.keys.get(key)
  if (known === undefined || session.model.lost.has(key) || stateOf(known) === "Deleted") return []
  const look = looks[step.op]
  const described = await perform(session, { op: "DescribeKey", ...at(known) })
  return look === undefined ? described : [...described, ...(await perform(session, { op: look, ...at(known) }))]
}

/** Moves time forward, in the service and in the model. */
const wait = async ({ testTarget, model }: Session, step: Step): Promise<Performed | undefined> => {
  const { adapter, dialect, tally } = testTarget
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

/** The service chooses the time of a suspended rotation that may continue; after a second it is certain. */
export const settled = async (session: Session): Promise<Performed | undefined> =>
  isOverdue(session.model) ? wait(session, { op: "Advance", millis: 1000 }) : undefined
