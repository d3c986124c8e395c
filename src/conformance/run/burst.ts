/** Calls that run at the same time: does an order exist in which the model gives the same answers? */
import type { Answer } from "../adapters/adapter.ts"
import { branch, stateOf } from "../model/model.ts"
import type { Model } from "../model/model.ts"
import { predict } from "../predict/predict.ts"
import { broken, held } from "../predict/prediction.ts"
import type { Prediction, Tested } from "../predict/prediction.ts"
import { requestOf } from "../steps/request.ts"
import { ask } from "./asking.ts"
import { askedOf } from "./testTarget.ts"
import { expectedOf, judge } from "./judge.ts"
import type { Performed, Session } from "./testTarget.ts"
import { isDeed } from "../steps/step.ts"
import { trialOf } from "../steps/names.ts"
import type { Names, TrialNames } from "../steps/names.ts"
import type { Label, Step } from "../steps/step.ts"
import { countCall, countLaws } from "./tally.ts"

/** One call of a burst. Its times are counters: a call that ended before another one began precedes it. */
interface Call {
  readonly step: Step
  readonly request: Readonly<Record<string, unknown>>
  readonly answer: Answer
  readonly began: number
  readonly ended: number
}

const clientsOf = (steps: ReadonlyArray<Step>): ReadonlyArray<ReadonlyArray<Step>> => {
  const clients = new Map<number, Array<Step>>()
  for (const [index, step] of steps.entries()) {
    const client = step.client ?? index
    clients.set(client, [...(clients.get(client) ?? []), step])
  }
  return [...clients.values()]
}

const canSend = (session: Session, step: Step): boolean =>
  !isDeed(step.op) && session.testTarget.has.has(step.op) && predict(askedOf(session, step)) !== undefined

const send = async (session: Session, steps: ReadonlyArray<Step>): Promise<ReadonlyArray<Call>> => {
  let instant = 0
  const calls: Array<Call> = []
  const { testTarget, names } = session
  const client = async (own: ReadonlyArray<Step>): Promise<void> => {
    for (const step of own) {
      // The state before the burst decides only whether the call can be sent at all.
      if (!canSend(session, step)) continue
      const request = requestOf({
        step,
        model: session.model,
        names,
        receiver: testTarget.receiver,
        dialect: testTarget.dialect
      })
      const began = instant++
      const answer = await ask(session, step, request)
      calls.push({ step, request, answer, began, ended: instant++ })
    }
  }
  await Promise.all(clientsOf(steps).map(client))
  return calls
}

interface Placed {
  readonly call: Call
  readonly prediction: Prediction
  readonly before: string
  readonly after: string
  readonly tested: ReadonlyArray<Tested>
}

interface Explained {
  readonly order: ReadonlyArray<Placed>
  readonly model: Model
}

/** The calls in order so far, and what the suite would know after them. */
interface Trial extends Explained {
  readonly names: Names
}

interface TrialAfter extends Trial {
  readonly names: TrialNames
}

/** The trial with one more call. Undefined if the model gives another answer than the service gave. */
const placedNext = (session: Session, { model, names, order }: Trial, call: Call): TrialAfter | undefined => {
  const asked = { ...askedOf(session, call.step), model, names }
  const prediction = predict(asked)
  if (prediction === undefined) return undefined
  const tested = judge(asked, prediction, call.answer)
  if (tested.some(({ fault }) => fault !== undefined)) return undefined
  const next = branch(model)
  const known = trialOf(names)
  const before = stateIn(model, prediction)
  if (call.answer.ok) prediction.accept?.apply?.(next, call.answer.response, known)
  const placed = { call, prediction, before, after: stateIn(next, prediction), tested }
  return { model: next, names: known, order: [...order, placed] }
}

/**
 * The search for an order: each call where the model gives the service's answer, and none before a call that had
 * already ended. An order that fails leaves nothing known.
 */
const explain = (session: Session, trial: Trial, left: ReadonlyArray<Call>): Explained | undefined => {
  if (left.length === 0) return trial
  const firstEnd = Math.min(...left.map(({ ended }) => ended))
  for (const call of left) {
    if (call.began > firstEnd) continue
    const after = placedNext(session, trial, call)
    if (after === undefined) continue
    const rest = left.filter((other) => other !== call)
    const found = explain(session, after, rest)
    if (found === undefined) continue
    after.names.keep()
    return found
  }
  return undefined
}

const stateIn = (model: Model, { key }: Prediction): string => {
  const known = key === undefined ? undefined : model.keys.get(key)
  return known === undefined ? "" : stateOf(known)
}

const revokes: ReadonlySet<string> = new Set(["DisableKey", "ScheduleKeyDeletion"])
const uses: ReadonlySet<string> = new Set(["Encrypt", "Decrypt", "GenerateDataKey", "AsymmetricSign"])
const restores: ReadonlySet<string> = new Set(["EnableKey", "CancelKeyDeletion"])

/** The key of a step. Unknown for an alias, which may move during the burst. */
const keyOf = (model: Model, { key, by, of }: Step): Label | undefined =>
  by === undefined ? (key ?? model.ciphertexts.get(of ?? "")?.key) : undefined

/**
 * An accepted use that began after the answer to a revocation of its key, without a call that enabled the key again.
 */
const usedAfterRevocation = (model: Model, calls: ReadonlyArray<Call>): Call | undefined =>
  calls.some(({ step }) => restores.has(step.op))
    ? undefined
    : calls.find(
        (use) =>
          uses.has(use.step.op) &&
          use.answer.ok &&
          calls.some((revocation) => isRevoked(model, use, revocation) && revocation.ended < use.began)
      )

/** Whether the second call revoked the key of the first call. */
const isRevoked = (model: Model, use: Call, { step, answer }: Call): boolean => {
  const key = keyOf(model, use.step)
  return revokes.has(step.op) && answer.ok && key !== undefined && key === keyOf(model, step)
}

const namesTwice = (calls: ReadonlyArray<Call>): boolean => {
  const won = calls.filter(({ step, answer }) => step.op === "CreateAlias" && answer.ok).map(({ step }) => step.alias)
  return new Set(won).size < won.length && !calls.some(({ step }) => step.op === "DeleteAlias")
}

const lawOfRevocation = (model: Model, calls: ReadonlyArray<Call>): ReadonlyArray<Tested> => {
  const late = usedAfterRevocation(model, calls)
  if (late !== undefined) return [broken("KMS-CON-002", `${late.step.op} was accepted after the key was revoked.`)]
  const isTested = calls.some(
    (use) => uses.has(use.step.op) && calls.some((revocation) => isRevoked(model, use, revocation))
  )
  return isTested ? [held("KMS-CON-002")] : []
}

const lawOfNames = (calls: ReadonlyArray<Call>): ReadonlyArray<Tested> => {
  if (namesTwice(calls)) return [broken("KMS-CON-003", "One name was given out twice.")]
  return calls.filter(({ step }) => step.op === "CreateAlias").length > 1 ? [held("KMS-CON-003")] : []
}

/** The laws that a burst tests, whether they held or not. */
const lawsOf = (model: Model, calls: ReadonlyArray<Call>, explained: boolean): ReadonlyArray<Tested> => {
  const tested = [...lawOfRevocation(model, calls), ...lawOfNames(calls)]
  if (explained) return [...tested, held("KMS-CON-001")]
  // A more specific broken law explains why no order exists.
  if (tested.some(({ fault }) => fault !== undefined)) return tested
  return [...tested, broken("KMS-CON-001", "No order of these calls explains their answers.")]
}

/** The calls that show what became of the keys of a burst. */
const looksAt = (steps: ReadonlyArray<Step>): ReadonlyArray<Step> => {
  const isTagged = steps.some(({ op }) => op === "TagResource")
  return [...new Set(steps.flatMap(({ key }) => (key === undefined ? [] : [key])))].flatMap(
    (key): ReadonlyArray<Step> => [
      { op: "DescribeKey", key },
      ...(isTagged ? [{ op: "ListResourceTags", key } as const] : [])
    ]
  )
}

/** Sends a burst, then describes each of its keys. The last call represents the burst. */
export const runBurst = async (session: Session, steps: ReadonlyArray<Step>): Promise<ReadonlyArray<Performed>> => {
  const sent = await send(session, steps)
  if (sent.length === 0) return []
  const last = sent.length * 2 + 2
  const looks: Array<Call> = []
  for (const step of looksAt(steps)) {
    if (!canSend(session, step)) continue
    const request = { KeyId: session.names.of(step.key ?? "") ?? "" }
    looks.push({ step, request, answer: await ask(session, step, request), began: last, ended: last + 1 })
  }
  const calls = [...sent, ...looks]
  const { model, names } = session
  const explained = explain(session, { model, names, order: [] }, calls)
  const tested = lawsOf(session.model, calls, explained !== undefined)
  const { tally } = session.testTarget
  countLaws(tally, tested)
  if (explained === undefined) {
    for (const label of session.model.keys.keys()) session.model.lost.add(label)
  } else {
    session.model = explained.model
    for (const { tested: own } of explained.order) countLaws(tally, own)
  }
  const findings = tested.filter(({ fault }) => fault !== undefined)
  for (const { step, answer } of calls) {
    countCall(tally, {
      operation: step.op,
      key: undefined,
      plain: false,
      answer: answer.ok ? "Success" : answer.code,
      ok: answer.ok,
      right: true,
      open: false
    })
  }
  return calls.map(({ step, request, answer }, index) => {
    const placed = explained?.order.find(({ call }) => call.step === step)
    return {
      step,
      request,
      answer,
      before: placed?.before ?? "",
      after: placed?.after ?? "",
      expected:
        placed === undefined ? "an order that explains it" : expectedOf(placed.prediction, session.testTarget.dialect),
      got: answer.ok ? "Success" : answer.code,
      findings: index === calls.length - 1 ? findings : []
    }
  })
}
