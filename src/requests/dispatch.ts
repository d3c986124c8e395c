/** The one entry to the service: parses, resolves, authorizes and performs a call, and records its outcome. */
import { Cause, Context, Effect, Layer, Option } from "effect"
import type { Audit } from "../audit/audit.ts"
import { refusalOf } from "../store/unavailable.ts"
import { isDone, runNowWith } from "../platform/runNow.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { operationOf } from "../operation/apis.ts"
import type { ItemResult } from "../operation/many.ts"
import type { Operation, Prepared } from "../operation/operation.ts"
import type { Access } from "../authorization/access.ts"
import { isRehearsal, rehearsed } from "./dryRun.ts"
import { CallUnderWay } from "./callUnderWay.ts"
import type { CallRequest } from "./callUnderWay.ts"
import { callerArn } from "../authorization/caller.ts"
import type { Caller } from "../authorization/caller.ts"
import { defective, notFound, unwritableRequest, unrecordable, withRequestId } from "./refusals.ts"
import { rootRefusal } from "./rootOnly.ts"
import type { Ram } from "../authorization/ram.ts"
import type { Proofs } from "../proof/proofs.ts"
import type { AskProof } from "../proof/proofs.ts"
import { decideProven } from "./decideProven.ts"
import { makeAskMany } from "./manyCalls.ts"
import type { Steps } from "./manyCalls.ts"
import { makeServer } from "./server.ts"
import type { Server, Services } from "./server.ts"
import type { Proven } from "./proven.ts"

export type Reply = object & { readonly RequestId: string }

type AnyOperation = Operation<unknown, object>

const principalOf = ({ principals }: Server, caller: Caller): string => {
  const known = principals.get(caller)
  if (known !== undefined) return known
  const principal = callerArn(caller)
  principals.set(caller, principal)
  return principal
}

const authorizeAndHandle = (
  server: Server,
  operation: AnyOperation,
  prepared: Prepared<object> & { readonly ok: true },
  call: CallUnderWay
): Effect.Effect<object, AnyKmsError> => {
  const { caller, realm } = call.requested
  if (caller.account !== realm.account || !server.access.stands(caller)) {
    return Effect.fail(call.gone())
  }
  const action = `kms:${call.operation}`
  const { permission } = operation
  switch (permission.on) {
    case "nothing":
    case "found":
      return prepared.handle(call, undefined)
    case "root":
    case "server-root": {
      const hint = rootRefusal(permission.on, caller, server.services.serverAccount)
      return hint === undefined
        ? prepared.handle(call, undefined)
        : Effect.fail(refuse("Forbidden.NoPermission", { resource: "*", hint }))
    }
    case "account":
      return Effect.flatMap(call.authorize(action, "*"), () => prepared.handle(call, undefined))
    case "keys":
      return Effect.flatMap(call.authorize(action, "key"), () => prepared.handle(call, undefined))
    case "aliases":
      return Effect.flatMap(call.authorize(action, "alias"), () => prepared.handle(call, undefined))
    case "key": {
      const found = call.key(prepared.reference ?? "", action, permission)
      return isDone(found) && found._tag === "Success"
        ? prepared.handle(call, found.value)
        : Effect.flatMap(found, (key) => prepared.handle(call, key))
    }
    default:
      return permission satisfies never
  }
}

const record = (
  { services: { audit, clock } }: Server,
  call: CallUnderWay,
  operation: AnyOperation | undefined,
  outcome: string
): void => {
  const called = {
    at: clock.now(),
    requestId: call.requestId,
    principal: call.principal,
    operation: operation === undefined ? "unknown" : call.recordedName,
    keyId: outcome === "Success" ? call.first : call.latest,
    outcome,
    before: null,
    after: null,
    ...(call.requested.subject === undefined ? {} : { subject: call.requested.subject })
  }
  const isAlarming = outcome === "Rejected.PendingDeletion" && operation?.uses === true
  audit.record(isAlarming ? { ...called, alarm: "PendingDeletionUse" } : called)
}

/** In strict mode a call is answered only after its audit record is stored. */
const settled = ({ services }: Server, call: CallUnderWay): Effect.Effect<void, AnyKmsError> =>
  Effect.mapError(services.audit.settled, (failure) => withRequestId(refusalOf(failure), call.requestId))

const failed = (
  server: Server,
  call: CallUnderWay,
  operation: AnyOperation | undefined,
  error: AnyKmsError
): Effect.Effect<never, AnyKmsError> => {
  record(server, call, operation, error.code)
  call.requested.tellKey?.(call.latest)
  return Effect.andThen(settled(server, call), Effect.fail(withRequestId(error, call.requestId)))
}

const answered = (
  server: Server,
  call: CallUnderWay,
  operation: AnyOperation,
  reply: object
): Effect.Effect<Reply, AnyKmsError> => {
  const answer = Effect.succeed({ ...reply, RequestId: call.requestId })
  call.requested.tellKey?.(call.first)
  // A change was recorded in its own transaction.
  if (operation.changes) return answer
  const fault = call.requested.unwritable?.(reply)
  if (fault !== undefined) return failed(server, call, operation, fault)
  record(server, call, operation, "Success")
  return isDone(server.services.audit.settled) ? answer : Effect.andThen(settled(server, call), answer)
}

const handled = (server: Server, operation: AnyOperation, call: CallUnderWay): Effect.Effect<object, AnyKmsError> => {
  try {
    const fault = operation.changes ? unwritableRequest(call.requested) : undefined
    if (fault !== undefined) return Effect.fail(fault)
    const prepared = operation.run(call.requested.source, server.settings)
    if (!prepared.ok) return Effect.fail(prepared.error)
    call.requestTags = prepared.requestTags
    const malformed = prepared.malformed(call)
    return malformed === undefined ? authorizeAndHandle(server, operation, prepared, call) : Effect.fail(malformed)
  } catch (defect) {
    return Effect.die(defect)
  }
}

const failedBy = (
  server: Server,
  call: CallUnderWay,
  operation: AnyOperation,
  cause: Cause.Cause<AnyKmsError>
): Effect.Effect<never, AnyKmsError> => {
  const error = Cause.findErrorOption(cause)
  if (Option.isSome(error)) return failed(server, call, operation, error.value)
  // The caller has disconnected, so there is no answer.
  if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
  return Effect.catch(defective(call.requested, Cause.squash(cause)), (error) => failed(server, call, operation, error))
}

/** Answers a call that had to wait, unless its permission was removed in between. */
const answeredLater = (
  server: Server,
  call: CallUnderWay,
  operation: AnyOperation,
  reply: object
): Effect.Effect<Reply, AnyKmsError> => {
  // A change checked its permission in its key's turn.
  const revoked = operation.changes ? undefined : call.revoked()
  return revoked === undefined ? answered(server, call, operation, reply) : failed(server, call, operation, revoked)
}

/** Lets a key check in its turn whether the call may still change it. */
const changed = (server: Server, operation: AnyOperation, call: CallUnderWay): Effect.Effect<object, AnyKmsError> => {
  const end = server.permissions.hold(call.requestId, () => call.revoked())
  return Effect.ensuring(handled(server, operation, call), Effect.sync(end))
}

const replyOf = (server: Server, operation: AnyOperation, call: CallUnderWay): Effect.Effect<object, AnyKmsError> => {
  const { caller, source } = call.requested
  if (operation.rehearses && isRehearsal(source)) return rehearsed(handled(server, operation, call))
  // A root's permission cannot be taken away.
  return operation.changes && caller.kind !== "root"
    ? changed(server, operation, call)
    : handled(server, operation, call)
}

const askOnce = (
  server: Server,
  requested: CallRequest,
  proven: Proven | undefined
): Effect.Effect<Reply, AnyKmsError> => {
  const call = new CallUnderWay(requested, principalOf(server, requested.caller), server, proven)
  if (server.services.audit.isFull()) return Effect.fail(withRequestId(unrecordable(), call.requestId))
  const operation = operationOf(requested.api ?? "kms", requested.operation)
  if (operation === undefined) return failed(server, call, undefined, notFound(requested))
  const reply = replyOf(server, operation, call)
  if (isDone(reply)) {
    return reply._tag === "Success"
      ? answered(server, call, operation, reply.value)
      : failedBy(server, call, operation, reply.cause)
  }
  return Effect.matchCauseEffect(reply, {
    onFailure: (cause) => failedBy(server, call, operation, cause),
    onSuccess: (value) => answeredLater(server, call, operation, value)
  })
}

/** Refuses a call before its operation is performed. */
const turnedAway = (
  server: Server,
  requested: CallRequest,
  principal: string,
  error: AnyKmsError
): Effect.Effect<never, AnyKmsError> => {
  const call = new CallUnderWay(requested, principal, server)
  return failed(server, call, operationOf(requested.api ?? "kms", requested.operation), error)
}

const steps: Steps<Reply> = {
  decide: askOnce,
  turnAway: (server, requested, error) => turnedAway(server, requested, principalOf(server, requested.caller), error)
}

const askProven = (server: Server, askProof: AskProof, requested: CallRequest): Effect.Effect<Reply, AnyKmsError> => {
  const { entryPoint, realm, source } = requested
  return decideProven(
    { ram: server.ram, aliases: server.aliases, askProof },
    { realm, sources: [source], entryPoint },
    {
      decide: (proven) => askOnce(server, requested, proven),
      refuse: (error) => steps.turnAway(server, requested, error),
      disbelieve: (error) => turnedAway(server, requested, "unauthenticated", error)
    }
  )
}

const ask = (server: Server, requested: CallRequest): Effect.Effect<Reply, AnyKmsError> => {
  const { audit } = server.services
  return audit.isCrowded()
    ? Effect.andThen(
        audit.relief,
        Effect.suspend(() => admitted(server, requested))
      )
    : admitted(server, requested)
}

const admitted = (server: Server, requested: CallRequest): Effect.Effect<Reply, AnyKmsError> => {
  const excess = server.throttle?.(requested)
  return excess === undefined ? decided(server, requested) : steps.turnAway(server, requested, excess)
}

const decided = (server: Server, requested: CallRequest): Effect.Effect<Reply, AnyKmsError> =>
  server.askProof === undefined ? askOnce(server, requested, undefined) : askProven(server, server.askProof, requested)

export class Dispatch extends Context.Service<
  Dispatch,
  {
    readonly ask: (requested: CallRequest) => Effect.Effect<Reply, AnyKmsError>
    /** Begins the call during this function: the result is already an exit if nothing had to wait. */
    readonly begin: (requested: CallRequest) => Effect.Effect<Reply, AnyKmsError>
    /** The result of each call, in order. The calls change nothing, and have one caller and realm and no entry point. */
    readonly askMany: (requests: Iterable<CallRequest>) => Effect.Effect<ReadonlyArray<ItemResult<Reply, AnyKmsError>>>
  }
>()("keystate/requests/Dispatch") {
  static readonly layer: Layer.Layer<Dispatch, never, Services | Audit | Access | Proofs | Ram> = Layer.effect(
    Dispatch,
    Effect.map(makeServer, (server) => {
      const askNow = (requested: CallRequest) => ask(server, requested)
      return {
        // Suspended only here: a call that need not wait is answered in one step of the caller's fiber.
        ask: (requested: CallRequest) => Effect.suspend(() => askNow(requested)),
        begin: (requested: CallRequest) => runNowWith(requested, askNow),
        askMany: makeAskMany(server, steps)
      }
    })
  )
}
