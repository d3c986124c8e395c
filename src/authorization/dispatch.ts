/** The one way into the service: read, resolve, authorize, handle, and record what came of it. */
import { Cause, Context, Effect, Layer, Option } from "effect"
import type { KeyActor } from "../actor/keyActor.ts"
import { KeyDirectory } from "../actor/keyDirectory.ts"
import { Audit } from "../audit/audit.ts"
import { atOnce } from "../domain/atOnce.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import { Providers } from "../crypto/providers.ts"
import { Randomness } from "../domain/outside.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import { catalogue, isOperationName } from "../operation/catalogue.ts"
import type { Call, Operation, Prepared, World } from "../operation/operation.ts"
import { ImportDesk } from "../actor/importDesk.ts"
import type { Source } from "../operation/parameters.ts"
import { Store } from "../store/store.ts"
import { LifecycleClock } from "../timers/clock.ts"
import { Timers } from "../timers/timers.ts"
import { Access } from "./access.ts"
import type { Circumstances } from "./access.ts"
import { makeAccessControl } from "./accessControl.ts"
import { callerArn, resourceArn } from "./caller.ts"
import type { Caller } from "./caller.ts"
import type { Ram } from "./ram.ts"
import { parseReference } from "./reference.ts"

export interface Asked {
  readonly operation: string
  readonly source: Source
  readonly caller: Caller
  readonly realm: Realm
  readonly requestId: string
  /** How the request came in; absent for calls within the process. */
  readonly circumstances?: Circumstances
}

export type Reply = object & { readonly RequestId: string }

type About = Call["about"]

type Services = KeyDirectory | Store | LifecycleClock | Timers | Randomness | Providers | ImportDesk

export class Dispatch extends Context.Service<
  Dispatch,
  { readonly ask: (asked: Asked) => Effect.Effect<Reply, AnyKmsError> }
>()("keystate/authorization/Dispatch") {
  static readonly layer: Layer.Layer<Dispatch, never, Services | Audit | Access | Ram> = Layer.effect(
    Dispatch,
    Effect.gen(function* () {
      const access = yield* Access
      const world: World = {
        directory: yield* KeyDirectory,
        store: yield* Store,
        clock: yield* LifecycleClock,
        timers: yield* Timers,
        randomness: yield* Randomness,
        providers: yield* Providers,
        importDesk: yield* ImportDesk,
        access: yield* makeAccessControl,
        audit: yield* Audit
      }
      const { audit, clock, directory, store } = world
      /** A caller that stays the same, as within a process, is named once. */
      const principals = new WeakMap<Caller, string>()
      const principalOf = (caller: Caller): string => {
        const known = principals.get(caller)
        if (known !== undefined) return known
        const principal = callerArn(caller)
        principals.set(caller, principal)
        return principal
      }

      const authorize = (
        asked: Asked,
        action: string,
        relative: string,
        tags?: Readonly<Record<string, string>>
      ): Effect.Effect<void, AnyKmsError> => {
        const { caller, realm } = asked
        if (caller.kind === "root") return Effect.void
        const resource = resourceArn({ realm, relative })
        const ruling = access.rule({ caller, action, resource, circumstances: asked.circumstances, tags })
        if (ruling.effect === "Allow") return Effect.void
        // Which policy decided is for the account's root to see, who may ask for an explanation.
        const hint = `The policies of ${callerArn(caller)} do not grant ${action}.`
        return Effect.fail(refuse("Forbidden.NoPermission", { resource, hint }))
      }

      /**
       * Permission comes before existence: to those without rights an unknown key looks like a forbidden one. The key is
       * looked up first all the same, because a policy may ask for its tags.
       */
      const keyById = (
        asked: Asked,
        keyId: KeyId,
        action: string,
        about: About
      ): Effect.Effect<KeyActor, AnyKmsError> => {
        about(keyId)
        const found = directory.find(asked.realm, keyId)
        if (asked.caller.kind === "root") {
          return Effect.flatMapEager(authorize(asked, action, `key/${keyId}`), () => found)
        }
        return Effect.matchEffect(found, {
          onFailure: (error) => Effect.andThen(authorize(asked, action, `key/${keyId}`), Effect.fail(error)),
          onSuccess: (key) => Effect.as(authorize(asked, action, `key/${keyId}`, key.metadata().tags), key)
        })
      }

      const resolve = (
        asked: Asked,
        text: string,
        action: string,
        { alias, about }: { readonly alias: boolean; readonly about: About }
      ): Effect.Effect<KeyActor, AnyKmsError> => {
        const reference = parseReference(asked.realm, text)
        if (reference._tag === "Key") return keyById(asked, reference.keyId, action, about)
        if (reference._tag === "Unknown") {
          return Effect.andThen(authorize(asked, action, `key/${text}`), Effect.fail(refuse("Forbidden.KeyNotFound")))
        }
        if (!alias) {
          return Effect.fail(refuse("Unsupported.Alias", { hint: "Give the key id; this operation takes no alias." }))
        }
        return Effect.flatMap(store.alias(asked.realm, reference.aliasName), (keyId) =>
          keyId === undefined ? Effect.fail(refuse("Forbidden.AliasNotFound")) : keyById(asked, keyId, action, about)
        )
      }

      const authorizeAndHandle = (
        operation: Operation<unknown, object>,
        prepared: Prepared<object> & { readonly ok: true },
        asked: Asked,
        call: Call
      ): Effect.Effect<object, AnyKmsError> => {
        if (asked.caller.account !== asked.realm.account || !access.stands(asked.caller)) {
          const hint = "The user or role behind these credentials is gone."
          return Effect.fail(refuse("Forbidden.NoPermission", { resource: "*", hint }))
        }
        const action = `kms:${asked.operation}`
        const { permission } = operation
        switch (permission.on) {
          case "nothing":
          case "found":
            return prepared.handle(call, undefined)
          case "root":
            return asked.caller.kind === "root"
              ? prepared.handle(call, undefined)
              : Effect.fail(
                  refuse("Forbidden.NoPermission", {
                    resource: "*",
                    hint: "Only the root access key of the account may call this."
                  })
                )
          case "account":
            return Effect.flatMap(authorize(asked, action, "*"), () => prepared.handle(call, undefined))
          case "keys":
            return Effect.flatMap(authorize(asked, action, "key"), () => prepared.handle(call, undefined))
          case "aliases":
            return Effect.flatMap(authorize(asked, action, "alias"), () => prepared.handle(call, undefined))
          case "key":
            return Effect.flatMapEager(
              resolve(asked, prepared.reference ?? "", action, { alias: permission.alias, about: call.about }),
              (key) => prepared.handle(call, key)
            )
          default:
            return permission satisfies never
        }
      }

      const ask = (asked: Asked): Effect.Effect<Reply, AnyKmsError> => {
        // Of several keys a refusal is about the one that was looked at last, anything else about the first.
        let first: KeyId | null = null
        let latest: KeyId | null = null
        const operation: Operation<unknown, object> | undefined = isOperationName(asked.operation)
          ? catalogue[asked.operation]
          : undefined
        const principal = principalOf(asked.caller)
        const record = (outcome: string): void => {
          const isAlarming = outcome === "Rejected.PendingDeletion" && operation?.uses === true
          const called = {
            at: clock.now(),
            requestId: asked.requestId,
            principal,
            operation: operation === undefined ? "unknown" : asked.operation,
            keyId: outcome === "Success" ? first : latest,
            outcome,
            before: null,
            after: null
          }
          audit.record(isAlarming ? { ...called, alarm: "PendingDeletionUse" } : called)
        }
        const failed = (error: AnyKmsError): Effect.Effect<never, AnyKmsError> => {
          record(error.code)
          return Effect.andThen(audit.settled, Effect.fail(withRequestId(error, asked.requestId)))
        }
        if (operation === undefined) return failed(refuse("InvalidAction.NotFound"))
        const call: Call = {
          realm: asked.realm,
          principal,
          requestId: asked.requestId,
          operation: asked.operation,
          world,
          authorize: (action, relative) => authorize(asked, action, relative),
          key: (reference, action, { alias }) => resolve(asked, reference, action, { alias, about: call.about }),
          about: (keyId) => {
            first ??= keyId
            latest = keyId
          }
        }
        const handled = atOnce(() => {
          const prepared = operation.run(asked.source)
          return prepared.ok ? authorizeAndHandle(operation, prepared, asked, call) : Effect.fail(prepared.error)
        })
        return Effect.matchCauseEffectEager(handled, {
          onFailure: (cause) => {
            const error = Cause.findErrorOption(cause)
            if (Option.isSome(error)) return failed(error.value)
            // Whoever asked has gone: there is nobody to answer.
            if (Cause.hasInterruptsOnly(cause)) return Effect.failCause(cause)
            return Effect.catch(defective(asked, Cause.squash(cause)), failed)
          },
          onSuccess: (reply) => {
            const answer = { ...reply, RequestId: asked.requestId }
            // A change was recorded in its own transaction.
            if (operation.changes) return Effect.succeed(answer)
            record("Success")
            return Effect.mapEager(audit.settled, () => answer)
          }
        })
      }
      // Lazy out here and nowhere within: an answer that needs no waiting is made in one step of the caller's fiber.
      return { ask: (asked) => Effect.suspend(() => ask(asked)) }
    })
  )
}

const withRequestId = (error: AnyKmsError, requestId: string): AnyKmsError => {
  Object.defineProperty(error, "requestId", { value: requestId, enumerable: true, configurable: true })
  return error
}

/** A broken belief of ours: told in the log with its trace, and to the caller only as an internal failure. */
const defective = (asked: Asked, defect: unknown): Effect.Effect<never, AnyKmsError> =>
  Effect.logError(`request ${asked.requestId} (${asked.operation}) failed: ${Cause.pretty(Cause.die(defect))}`).pipe(
    Effect.andThen(Effect.fail(refuse("InternalFailure", { hint: "The log names the request id." })))
  )
