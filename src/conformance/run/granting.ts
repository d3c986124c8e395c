/** Changing rights: a single grant, and a burst in which rights change while calls use them. */
import type { Answer, Principal, Right } from "../adapters/adapter.ts"
import { isLinearizable } from "../histories/linearizable.ts"
import type { Operation } from "../histories/linearizable.ts"
import { branch } from "../model/model.ts"
import type { Model } from "../model/model.ts"
import { lawOfDenial, userOf, wantedIn } from "../predict/access.ts"
import { broken, held } from "../predict/prediction.ts"
import type { Tested } from "../predict/prediction.ts"
import { predict } from "../predict/predict.ts"
import { requestOf } from "../steps/request.ts"
import { isDeed } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"
import { ask, principalOf, within } from "./asking.ts"
import { askedOf } from "./testTarget.ts"
import type { Performed, Session } from "./testTarget.ts"
import { countLaws } from "./tally.ts"

const done: Answer = { ok: true, response: {} }

const performedOf = (step: Step, request: Performed["request"], answer: Answer): Performed => ({
  step,
  request,
  answer,
  before: "",
  after: "",
  expected: "",
  got: answer.ok ? "Success" : answer.code,
  findings: []
})

const shown = ({ permits, denies, condition, denyCondition, isOff }: Principal): Performed["request"] => {
  const inWords = (rights: ReadonlyArray<Right> = []) => rights.map(({ operation, key }) => `${operation} ${key}`)
  return {
    permits: inWords(permits),
    ...(denies === undefined ? {} : { denies: inWords(denies) }),
    ...(condition === undefined ? {} : { condition }),
    ...(denyCondition === undefined ? {} : { denyCondition }),
    ...(isOff === undefined ? {} : { isOff })
  }
}

const grantTo = async (session: Session, step: Step): Promise<Performed | undefined> => {
  const principal = principalOf(session, step)
  const { grant } = session.testTarget.adapter
  if (principal === undefined || grant === undefined) return undefined
  await within(grant(principal), "a grant")
  session.testTarget.tally.calls++
  return performedOf(step, shown(principal), done)
}

/** Gives a user the rights of the step. Empty if the adapter cannot. */
export const granted = async (session: Session, step: Step): Promise<ReadonlyArray<Performed>> => {
  const performed = await grantTo(session, step)
  if (performed === undefined || step.as === undefined) return []
  session.model.users.set(step.as.name, step.as)
  return [performed]
}

const isChange = ({ op }: Step): boolean => op === "Grant" || op === "SetKeyPolicy"

/** Whether a burst changes rights. */
export const changesRights = (steps: ReadonlyArray<Step>): boolean => steps.some((step) => isChange(step))

interface Sent {
  readonly performed: Performed
  readonly began: number
  readonly ended: number
}

/** The step, with its user's rights in force. */
const asItIs = (step: Step): Step => (step.as === undefined ? step : { ...step, as: { ...step.as, asItIs: true } })

const sendOne = async (session: Session, step: Step): Promise<Performed | undefined> => {
  if (step.op === "Grant") return grantTo(session, step)
  const { testTarget, model, names } = session
  if (isDeed(step.op) || !testTarget.has.has(step.op) || predict(askedOf(session, asItIs(step))) === undefined)
    return undefined
  const request = requestOf({ step, model, names, receiver: testTarget.receiver, dialect: testTarget.dialect })
  const answer = await ask(session, step, request)
  testTarget.tally.calls++
  return performedOf(step, request, answer)
}

const send = async (session: Session, steps: ReadonlyArray<Step>): Promise<ReadonlyArray<Sent>> => {
  let instant = 0
  const sent: Array<Sent> = []
  const clients = Map.groupBy(steps, ({ client = 0 }) => client)
  await Promise.all(
    [...clients.values()].map(async (own) => {
      for (const step of own) {
        const began = instant++
        const performed = await sendOne(session, step)
        if (performed !== undefined) sent.push({ performed, began, ended: instant++ })
      }
    })
  )
  return sent
}

/** All rights: those of users, and the policies of keys. */
type Rights = Model

const nameOf = ({ users, keys }: Rights): string =>
  JSON.stringify([[...users], [...keys.values()].map(({ policies }) => policies?.[0])])

/** An answered use fits exactly where it is permitted; the key is usable all the time. */
const isPermitted = (rights: Rights, step: Step): boolean => {
  const user = userOf(rights, asItIs(step))
  const about = step.key ?? rights.ciphertexts.get(step.of ?? "")?.key ?? ""
  return user !== undefined && lawOfDenial(wantedIn(rights, step, user, about)) === undefined
}

/** The rights after a change. */
const after = (rights: Rights, { op, as, key = "", policy = [] }: Step): Rights => {
  const next = branch(rights)
  if (op === "Grant" && as !== undefined) next.users.set(as.name, as)
  const known = next.keys.get(key)
  if (op === "SetKeyPolicy" && known !== undefined)
    next.keys.set(key, { ...known, policies: [policy, ...(known.policies ?? [])] })
  return next
}

/** One client makes all changes, one after another, so that the result of each is known. */
const historyOf = (
  sent: ReadonlyArray<Sent>,
  first: Rights
): { readonly history: ReadonlyArray<Operation<Rights>>; readonly last: Rights } => {
  let last = first
  const history = sent
    .toSorted((one, other) => one.began - other.began)
    .map(({ performed: { step, answer }, began, ended }): Operation<Rights> => {
      if (!isChange(step))
        return { began, ended, says: step.op, when: (rights) => isPermitted(rights, step) === answer.ok }
      last = answer.ok ? after(last, step) : last
      return { began, ended, says: step.op, leaves: { state: last } }
    })
  return { history, last }
}

/** Sends a burst in which rights change, and looks for an order that explains it. */
export const runGrants = async (session: Session, steps: ReadonlyArray<Step>): Promise<ReadonlyArray<Performed>> => {
  const sent = await send(session, steps)
  const { history, last } = historyOf(sent, session.model)
  const tested: ReadonlyArray<Tested> = [
    isLinearizable(history, session.model, nameOf)
      ? held("KMS-CON-004")
      : broken("KMS-CON-004", "No order of the changes of rights and the calls explains which calls were answered.")
  ]
  countLaws(session.testTarget.tally, tested)
  session.model = last
  const findings = tested.filter(({ fault }) => fault !== undefined)
  return sent.map(({ performed }, index) => ({
    ...performed,
    expected: "an order that explains it",
    findings: index === sent.length - 1 ? findings : []
  }))
}
