/** The one way into the service: read, resolve, authorize, handle, and record what came of it. */
import { Cause, Context, Effect, Layer, Option } from "effect"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Audit, auditWaitingMax } from "../audit/audit.ts"
import { refusalOf } from "../store/unavailable.ts"
import { makeAuditLog } from "../audit/auditLog.ts"
import { isDone } from "../platform/runNow.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { Providers } from "../crypto/providers.ts"
import { Settings } from "../domain/settings.ts"
import { Randomness } from "../platform/services.ts"
import { apis, operationOf } from "../operation/apis.ts"
import type { Operation, Prepared, ServerWorld } from "../operation/operation.ts"
import { ImportDesk } from "../actor/importDesk.ts"
import { operationStore } from "../store/operationStore.ts"
import { Store } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import { Access } from "../authorization/access.ts"
import { makeAccessControl } from "./accessControlLayer.ts"
import { isRehearsal, rehearsed } from "./dryRun.ts"
import { CallUnderWay } from "./callUnderWay.ts"
import type { Asked } from "./callUnderWay.ts"
import { callerArn } from "../authorization/caller.ts"
import { defaultKeyPolicy, keyPolicyFault } from "../authorization/keyPolicy.ts"
import type { Caller } from "../authorization/caller.ts"
import { rootRefusal } from "./rootOnly.ts"
import { Ram } from "../authorization/ram.ts"

/** An operation that is not answered, with what to call instead where that is known. */
const notFound = ({ api = "kms", operation }: Asked): AnyKmsError => {
  const { unsupported } = apis[api]
  const hint = Object.hasOwn(unsupported, operation) ? unsupported[operation] : undefined
  return refuse("InvalidAction.NotFound", hint === undefined ? {} : { hint })
}

export type Reply = object & { readonly RequestId: string }

type Services = KeyDirectory | Store | LifecycleClock | Timers | Randomness | Providers | ImportDesk

export class Dispatch extends Context.Service<
  Dispatch,
  { readonly ask: (asked: Asked) => Effect.Effect<Reply, AnyKmsError> }
>()("keystate/authorization/Dispatch") {
  static readonly layer: Layer.Layer<Dispatch, never, Services | Audit | Access | Ram> = Layer.effect(
    Dispatch,
    Effect.gen(function* () {
      const access = yield* Access
      const settings = yield* Settings
      const store = yield* Store
      const serverAccount = (yield* Ram).root.caller.account
      const world: ServerWorld = {
        directory: yield* KeyDirectory,
        store: operationStore(store),
        clock: yield* LifecycleClock,
        timers: yield* Timers,
        randomness: yield* Randomness,
        providers: yield* Providers,
        importDesk: yield* ImportDesk,
        access: yield* makeAccessControl,
        keyPolicies: { fault: keyPolicyFault, whenNoneIsSet: defaultKeyPolicy },
        audit: yield* Audit,
        auditLog: makeAuditLog(store, serverAccount),
        serverAccount
      }
      const { audit, clock } = world
      /** A caller that stays the same, as within a process, is named once. */
      const principals = new WeakMap<Caller, string>()
      const principalOf = (caller: Caller): string => {
        const known = principals.get(caller)
        if (known !== undefined) return known
        const principal = callerArn(caller)
        principals.set(caller, principal)
        return principal
      }

      const authorizeAndHandle = (
        operation: Operation<unknown, object>,
        prepared: Prepared<object> & { readonly ok: true },
        call: CallUnderWay
      ): Effect.Effect<object, AnyKmsError> => {
        const { caller, realm } = call.asked
        if (caller.account !== realm.account || !access.stands(caller)) {
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
            const hint = rootRefusal(permission.on, caller, serverAccount)
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

      const record = (call: CallUnderWay, operation: Operation<unknown, object> | undefined, outcome: string): void => {
        const called = {
          at: clock.now(),
          requestId: call.requestId,
          principal: call.principal,
          operation: operation === undefined ? "unknown" : call.recordedName,
          keyId: outcome === "Success" ? call.first : call.latest,
          outcome,
          before: null,
          after: null
        }
        const isAlarming = outcome === "Rejected.PendingDeletion" && operation?.uses === true
        audit.record(isAlarming ? { ...called, alarm: "PendingDeletionUse" } : called)
      }

      /** In strict mode what cannot be recorded is not answered. */
      const settled = (call: CallUnderWay): Effect.Effect<void, AnyKmsError> =>
        Effect.mapError(audit.settled, (failure) => withRequestId(refusalOf(failure), call.requestId))

      const failed = (
        call: CallUnderWay,
        operation: Operation<unknown, object> | undefined,
        error: AnyKmsError
      ): Effect.Effect<never, AnyKmsError> => {
        record(call, operation, error.code)
        return Effect.andThen(settled(call), Effect.fail(withRequestId(error, call.requestId)))
      }

      const answered = (
        call: CallUnderWay,
        operation: Operation<unknown, object>,
        reply: object
      ): Effect.Effect<Reply, AnyKmsError> => {
        const answer = Effect.succeed({ ...reply, RequestId: call.requestId })
        // A change was recorded in its own transaction.
        if (operation.changes) return answer
        const fault = call.asked.uncarried?.(reply)
        if (fault !== undefined) return failed(call, operation, fault)
        record(call, operation, "Success")
        return isDone(audit.settled) ? answer : Effect.andThen(settled(call), answer)
      }

      const handled = (
        operation: Operation<unknown, object>,
        call: CallUnderWay
      ): Effect.Effect<object, AnyKmsError> => {
        try {
          const fault = operation.changes ? uncarriedRequest(call.asked) : undefined
          if (fault !== undefined) return Effect.fail(fault)
          const prepared = operation.run(call.asked.source, settings)
          if (!prepared.ok) return Effect.fail(prepared.error)
          call.requestTags = prepared.requestTags
          const malformed = prepared.malformed(call)
          return malformed === undefined ? authorizeAndHandle(operation, prepared, call) : Effect.fail(malformed)
        } catch (defect) {
          return Effect.die(defect)
        }
      }

      const ask = (asked: Asked): Effect.Effect<Reply, AnyKmsError> => {
        const call = new CallUnderWay(asked, principalOf(asked.caller), world, access)
        if (audit.isFull()) return Effect.fail(withRequestId(unrecordable(), call.requestId))
        const operation = operationOf(asked.api ?? "kms", asked.operation)
        if (operation === undefined) return failed(call, undefined, notFound(asked))
        const reply =
          operation.rehearses && isRehearsal(asked.source)
            ? rehearsed(handled(operation, call))
            : handled(operation, call)
        if (isDone(reply) && reply._tag === "Success") return answered(call, operation, reply.value)
        return Effect.matchCauseEffect(reply, {
          onFailure: (cause) => {
            const error = Cause.findErrorOption(cause)
            if (Option.isSome(error)) return failed(call, operation, error.value)
            // Whoever asked has gone: there is nobody to answer.
            if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
            return Effect.catch(defective(asked, Cause.squash(cause)), (error) => failed(call, operation, error))
          },
          onSuccess: (value) => {
            // A change was made in the turn of its key, which asked whether it still may.
            const revoked = operation.changes ? undefined : call.revoked()
            return revoked === undefined ? answered(call, operation, value) : failed(call, operation, revoked)
          }
        })
      }
      // Lazy out here and nowhere within: an answer that needs no waiting is made in one step of the caller's fiber.
      return { ask: (asked) => Effect.suspend(() => ask(asked)) }
    })
  )
}

/** A change is refused before it is made where its answer, which may repeat the request, could not be written. */
const uncarriedRequest = ({ source, uncarried }: Asked): AnyKmsError | undefined =>
  uncarried?.(Object.fromEntries([...source.names()].map((name) => [name, source.get(name)])))

/** The log has no gaps: a call that could not be recorded is not carried out. */
const unrecordable = (): AnyKmsError =>
  refuse("ServiceUnavailableTemporary", {
    hint: `${auditWaitingMax} audit records wait for room on the disk, and no more are taken. Make room there.`
  })

const withRequestId = (error: AnyKmsError, requestId: string): AnyKmsError => {
  Object.defineProperty(error, "requestId", { value: requestId, enumerable: true, configurable: true })
  return error
}

/** A broken belief of ours: told in the log with its trace, and to the caller only as an internal failure. */
const defective = (asked: Asked, defect: unknown): Effect.Effect<never, AnyKmsError> =>
  Effect.logError(`request ${asked.requestId} (${asked.operation}) failed: ${Cause.pretty(Cause.die(defect))}`).pipe(
    Effect.andThen(Effect.fail(refuse("InternalFailure", { hint: "The log names the request id." })))
  )
