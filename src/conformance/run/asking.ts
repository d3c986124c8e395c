/** Sends a request to the adapter as its caller, and waits for an answer other than "busy". */
import type { Answer, OperationName, Principal } from "../adapters/adapter.ts"
import type { Request } from "../steps/request.ts"
import type { Session } from "./testTarget.ts"
import { isDeed } from "../steps/step.ts"
import type { Step } from "../steps/step.ts"

const userName = ({ names }: Session, name: string): string => `${names.run}-${name}`

export const principalOf = (session: Session, step: Step): Principal | undefined => {
  const { as } = step
  if (as === undefined) return undefined
  const { names } = session
  const things = [
    ...(as.key === undefined ? [] : [as.key === "*" ? "*" : (names.of(as.key) ?? "")]),
    ...(as.alias === undefined ? [] : [names.alias(as.alias)])
  ]
  const rights = (operations: ReadonlyArray<OperationName>) =>
    operations.flatMap((operation) => things.map((key) => ({ operation, key })))
  return {
    name: userName(session, as.name),
    permits: rights(as.permits),
    ...(as.denies === undefined ? {} : { denies: rights(as.denies) }),
    ...(as.condition === undefined ? {} : { condition: as.condition }),
    ...(as.denyCondition === undefined ? {} : { denyCondition: as.denyCondition }),
    ...(as.isOff === undefined ? {} : { isOff: as.isOff }),
    ...(as.asItIs === undefined ? {} : { asItIs: as.asItIs })
  }
}

/** Answers that only say that the service is busy: the call is repeated a few times. */
const isBusy = (answer: Answer): boolean =>
  !answer.ok && (answer.httpStatus === 429 || answer.httpStatus === 503 || answer.code === "Rejected.Throttling")

/** The time limit of an adapter's answer. */
const answerMillisMax = 120_000

export const within = async <A>(work: Promise<A>, what: string): Promise<A> => {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`The adapter did not come back from ${what} within ${answerMillisMax / 1000} s.`)),
      answerMillisMax
    )
  })
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}

const pause = (millis: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, millis))

interface Asking {
  readonly step: Step
  readonly request: Request
  readonly as: Principal | undefined
}

const askedOnce = (session: Session, op: OperationName, { step, request, as }: Asking): Promise<Answer> => {
  const { adapter } = session.testTarget
  if (op === "SetKeyPolicy" && adapter.setKeyPolicy !== undefined && as === undefined) {
    const statements = (step.policy ?? []).map((each) => ({ ...each, user: userName(session, each.user) }))
    return adapter.setKeyPolicy(String(request["KeyId"]), statements)
  }
  if (step.wire !== undefined && adapter.callAs !== undefined) return adapter.callAs(op, request, step.wire)
  if (step.from !== undefined) return adapter.call(op, request, as, step.from)
  return as === undefined ? adapter.call(op, request) : adapter.call(op, request, as)
}

export const ask = async (session: Session, step: Step, request: Request): Promise<Answer> => {
  const { adapter } = session.testTarget
  if (isDeed(step.op)) throw new Error(`${step.op} is done, not asked`)
  const as = principalOf(session, step)
  if (step.op === "CreateKey" && step.kind === "service") {
    if (adapter.createServiceKey === undefined) throw new Error("the adapter makes no service keys")
    return { ok: true, response: { KeyMetadata: { KeyId: await adapter.createServiceKey() } } }
  }
  for (let tries = 0; ; tries++) {
    const asking = askedOnce(session, step.op, { step, request, as })
    const answer = await within(asking, step.op)
    if (!isBusy(answer) || tries >= 6) return answer
    await pause(50 * 2 ** tries)
  }
}
