/** Clients that perform random actions on random nodes, and record the answers. */
import { Effect } from "effect"
import { signed } from "../histories/nodes.ts"
import { draws } from "./actions.ts"
import type { Action } from "./actions.ts"
import { cover, newRequestId } from "./cast.ts"
import type { Cast } from "./cast.ts"
import type { Answer, Node } from "./node.ts"
import { isUnknown, record } from "./registers.ts"

/** Codes that no client may ever get: no behaviour of the store may cause a defect of the engine. */
const forbidden: ReadonlySet<string> = new Set(["InternalFailure"])

const judge = (cast: Cast, action: Action, { code, reply }: Answer): void => {
  if (forbidden.has(code)) cast.violations.push(`${action.says} was answered with ${code}`)
  const fault = reply === undefined ? undefined : action.accepted?.(reply)
  if (fault !== undefined) cast.violations.push(fault)
}

/** Every answered change and every shown state was durable before the answer. */
const judgeDurable = ({ durable, violations }: Cast, { isKeyChange, says, shows }: Action, requestId: string): void => {
  if (isKeyChange === true && durable.eventsOf(requestId) === 0) {
    violations.push(`${says} was acknowledged before it was durable`)
  }
  const state = shows?.state()
  if (shows === undefined || state === undefined) return
  if (!durable.statesOf(shows.keyId).includes(state)) violations.push(`${says} shows ${state}, which is not durable`)
}

const noteChange = ({ changes }: Cast, requestId: string, code: string): void => {
  if (code === "Success") changes.set(requestId, "acknowledged")
  else if (!isUnknown(code)) changes.set(requestId, "refused")
}

/** Performs an action. Answers the code of its last call. */
export const act = (cast: Cast, node: Node, action: Action): Effect.Effect<string> =>
  Effect.gen(function* () {
    const { counters, world } = cast
    const { caller, operation, parameters, api, says, tells } = action
    const requestId = newRequestId(cast)
    const began = counters.tick++
    world.note(`${node.name} is asked: ${says} (${began})`)
    const answer = yield* node.ask({ operation, parameters, caller, requestId, api })
    const ended = counters.tick++
    world.note(`${node.name} answers: ${answer.code} (${began})`)
    if (answer.code === "down") return answer.code
    cover(cast, `${operation} ${answer.code}`)
    judge(cast, action, answer)
    if (answer.code === "Success") judgeDurable(cast, action, requestId)
    if (action.isKeyChange === true) noteChange(cast, requestId, answer.code)
    for (const told of tells) record(told, answer.code, `${says} on ${node.name}`, { began, ended })
    if (answer.reply === undefined || action.next === undefined) return answer.code
    return yield* act(cast, node, action.next(answer.reply))
  })

const whoAmI = { Action: "GetCallerIdentity", Version: "2015-04-01" }

/** One signed request, sent to one node or to two at once: at most one of them accepts it. */
export const sendSigned = Effect.fnUntraced(function* (cast: Cast, targets: ReadonlyArray<Node>) {
  const { accessKey, bob, counters, world } = cast
  const began = counters.tick++
  const request = signed(bob, whoAmI, `nonce ${counters.requests++}`, world.now())
  world.note(`${targets.map(({ name }) => name).join(" and ")} get a signed request (${began})`)
  const answers = yield* Effect.forEach(targets, (node) => node.send(request), { concurrency: "unbounded" })
  const ended = counters.tick++
  world.note(`they answer: ${answers.map(({ code }) => code).join(", ")} (${began})`)
  for (const { code } of answers) if (code !== "down") cover(cast, `a signed request ${code}`)
  if (answers.filter(({ code }) => code === "Success").length > 1) {
    cast.violations.push(`a signed request was accepted twice (${began})`)
  }
  const seen = answers.map(({ code }) => statusSeen.get(code)).find((status) => status !== undefined)
  if (seen === undefined) return
  accessKey.operations.push({ began, ended, when: (state) => state === seen, says: `a signed request finds ${seen}` })
})

const statusSeen: ReadonlyMap<string, string> = new Map([
  ["Success", "Active"],
  ["InvalidAccessKeyId.Inactive", "Inactive"]
])

const someTargets = ({ nodes, world }: Cast): ReadonlyArray<Node> =>
  [world.pick(nodes), world.pick(nodes)].slice(0, world.random() < 0.5 ? 1 : 2)

/** A client calls a running node, as behind a load balancer; without one, nothing is drawn. */
const drawAndAct = (cast: Cast): Effect.Effect<void> => {
  const { counters, nodes, scenario, world } = cast
  const up = nodes.filter((node) => node.isUp())
  if (up.length === 0) return Effect.void
  counters.calls++
  const activity = world.pick(scenario.activities)
  if (activity === "replay") return sendSigned(cast, someTargets(cast))
  const action = world.pick(draws[activity])(cast)
  return action === undefined ? Effect.void : Effect.asVoid(act(cast, world.pick(up), action))
}

/** How long a client waits between two calls at most, milliseconds. */
const pauseMax = 20

/** Calls until all clients together have made this number of calls. */
export const client = (cast: Cast, calls: number): Effect.Effect<void> =>
  Effect.gen(function* () {
    const { counters, world } = cast
    while (counters.calls < calls) {
      yield* drawAndAct(cast)
      yield* Effect.sleep(world.random() * pauseMax)
    }
  })
