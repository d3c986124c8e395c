/** The service as an Effect library: one method for each operation, with API names and typed errors. */
import { Context, Effect, Layer, Option, Stream } from "effect"
import { lifecycleOf, rotationOf } from "../machines/cmk.ts"
import type { CmkSnapshot } from "../machines/cmk.ts"
import { deadlines } from "../machines/deadlines.ts"
import { refusalOf, rules } from "../machines/permits.ts"
import type { KeyOperation } from "../machines/permits.ts"
import type { CommitFeed } from "./actor/journal.ts"
import { KeyDirectory } from "./actor/keyDirectory.ts"
import type { CallRequest } from "./requests/callUnderWay.ts"
import { Dispatch } from "./requests/dispatch.ts"
import { parseReference } from "./requests/keyReference.ts"
import { answers, refuse } from "./domain/errors.ts"
import type { CallError, DryRunError } from "./domain/errorGroups.ts"
import type { AnyKmsError, ErrorCode, ErrorOf } from "./domain/errors.ts"
import type { KeyId, Realm } from "./domain/ids.ts"
import { manyRequestsMax } from "./domain/limits.ts"
import { isDone } from "./platform/runNow.ts"
import { Randomness } from "./platform/services.ts"
import { formatInstant } from "./domain/time.ts"
import { stsOperations } from "./operation/apis.ts"
import type { ApiName } from "./operation/apis.ts"
import { catalogue } from "./operation/catalogue.ts"
import type { OperationName } from "./operation/catalogue.ts"
import { manyMethods } from "./operation/many.ts"
import type { ItemResult } from "./operation/many.ts"
import type { KmsMethods } from "./operation/methods/kms.ts"
import type { KmsManyMethods } from "./operation/methods/many.ts"
import type { RamMethods } from "./operation/methods/ram.ts"
import type { StsMethods } from "./operation/methods/sts.ts"
import type { Operation } from "./operation/operation.ts"
import { fromObject, invalid, invalidBecause } from "./operation/parameters.ts"
import { ramOperations } from "./operation/ram/catalogue.ts"
import { logsAsService } from "./logging.ts"
import { operationStore } from "./store/operationStore.ts"
import { Store } from "./store/store.ts"
import type { HashedEntry } from "./records/rows.ts"
import type { SvgOptions } from "./visualizer/svg/svg.ts"

type Method<In, A, E> =
  Record<never, never> extends In ? (request?: In) => Effect.Effect<A, E> : (request: In) => Effect.Effect<A, E>

type MethodErrors<In, Code extends ErrorCode> =
  | CallError
  | ErrorOf<Code>
  | ("DryRun" extends keyof In ? DryRunError : never)

type MethodOf<Op> =
  Op extends Operation<infer In, infer A, infer Code>
    ? Method<In, A & { readonly RequestId: string }, MethodErrors<In, Code>>
    : never

/** The methods of an API, derived from its table of operations. The generated interfaces are checked against them. */
export type MethodsOf<Operations> = {
  readonly [Name in keyof Operations & string as Uncapitalize<Name>]: MethodOf<Operations[Name]>
}

/** No key has the id or ARN, or no alias has the name. */
export type LookupError = ErrorOf<"Forbidden.KeyNotFound" | "Forbidden.AliasNotFound"> | CallError

/** Whether an operation on a key would be accepted now, and if not, why and what would change that. */
export interface Explanation {
  readonly operation: KeyOperation
  readonly allowed: boolean
  readonly code?: string
  readonly httpStatus?: number
  readonly allowedStates?: ReadonlyArray<string>
  readonly hint?: string
}

/** The present configuration of a key, its deadlines, and the operations that are legal. */
export interface KeyExplained {
  readonly keyId: string
  readonly lifecycle: string
  readonly rotation: string
  readonly deadlines: ReadonlyArray<{ readonly kind: string; readonly due: string }>
  readonly operations: ReadonlyArray<Explanation>
}

/** Additions of the library to the API. Keys are named by id, ARN or alias. */
export interface KmsShape extends KmsMethods, KmsManyMethods {
  readonly realm: Realm
  /** The operations of RAM. */
  readonly ram: RamMethods
  /** The operations of STS. */
  readonly sts: StsMethods
  /** The operations that are legal on a key now, computed by the gate that every request passes. */
  readonly explain: (key: string) => Effect.Effect<KeyExplained, LookupError>
  /** A key's journal, oldest first, also that of a deleted key. */
  readonly events: (key: string) => Stream.Stream<HashedEntry, LookupError>
  /** The machine of a CMK as SVG, with the present states of this key highlighted. */
  readonly diagram: (key: string, options?: DiagramOptions) => Effect.Effect<string, LookupError>
}

/** The appearance of a key's drawing; see `SvgOptions` in keystate/visualizer. */
export type DiagramOptions = Pick<SvgOptions, "theme" | "title" | "prefix" | "bare">

/** The key management service, called as the root of its account. */
export class Kms extends Context.Service<Kms, KmsShape>()("keystate/Kms") {
  static readonly layer = (
    realm: Realm
  ): Layer.Layer<Kms, never, Dispatch | KeyDirectory | Store | Randomness | CommitFeed> =>
    Layer.effect(
      Kms,
      Effect.gen(function* () {
        const { callOf, callMany } = yield* makeCalls(realm)
        const directory = yield* KeyDirectory
        const store = operationStore(yield* Store)

        const keyIdOf = Effect.fnUntraced(function* (key: string) {
          const reference = parseReference(realm, key)
          if (reference._tag === "Key") return reference.keyId
          if (reference._tag === "Unknown") return yield* refuse("Forbidden.KeyNotFound")
          const keyId = yield* store.alias(realm, reference.aliasName)
          return keyId === undefined ? yield* refuse("Forbidden.AliasNotFound") : keyId
        })

        const explain = Effect.fn("Kms.explain")(function* (reference: string) {
          const key = yield* directory.find(realm, yield* keyIdOf(reference))
          return explained(key.keyId, key.snapshot())
        })

        const journal = (keyId: KeyId): Stream.Stream<HashedEntry, LookupError> =>
          Stream.paginate(0, (afterSeq: number) =>
            Effect.map(store.journal({ keyId, afterSeq, limit: pageSize }), (entries) => {
              const last = entries.at(-1)
              return [
                entries,
                last === undefined || entries.length < pageSize ? Option.none() : Option.some(last.seq)
              ] as const
            })
          )

        const events = (reference: string): Stream.Stream<HashedEntry, LookupError> =>
          Stream.unwrap(
            Effect.map(
              Effect.flatMap(keyIdOf(reference), (keyId) => directory.find(realm, keyId)),
              ({ keyId }) => journal(keyId)
            )
          )

        const diagram = Effect.fn("Kms.diagram")(function* (reference: string, options: DiagramOptions = {}) {
          const key = yield* directory.find(realm, yield* keyIdOf(reference))
          const { activeIn, drawing, geometry, svg } = yield* drawings
          const title = options.title ?? `The key ${key.keyId}`
          return svg(drawing, geometry, { ...options, title, active: activeIn(key.snapshot()) })
        })
        return {
          ...facade<typeof catalogue>(operationNames, callOf("kms")),
          ...manyFacade(callMany),
          ram: facade<typeof ramOperations>(Object.keys(ramOperations), callOf("ram")),
          sts: facade<typeof stsOperations>(Object.keys(stsOperations), callOf("sts")),
          realm,
          explain,
          events,
          diagram
        }
      })
    )
}

/** Calls by the root of the account. */
const makeCalls = (realm: Realm) =>
  Effect.gen(function* () {
    const { begin, askMany } = yield* Dispatch
    const randomness = yield* Randomness
    const logged = yield* logsAsService
    const caller = { kind: "root", account: realm.account } as const
    const requestOf = (api: ApiName, operation: string, request: object | undefined): CallRequest => ({
      api,
      operation,
      source: fromObject(request ?? {}),
      caller,
      realm,
      requestId: randomness.uuid()
    })
    const callOf = (api: ApiName) => (operation: string, request: object | undefined) => {
      const call = requestOf(api, operation, request)
      return Effect.suspend(() => {
        const begun = begin(call)
        // A completed call has nothing left to log.
        return isDone(begun) ? begun : logged(begun)
      })
    }
    const callMany: CallMany = (operation, requests) =>
      Effect.suspend(() => {
        const fault = manyFault(requests)
        if (fault !== undefined) return Effect.fail(fault)
        // The caller may change its array while the calls run.
        const given = [...requests]
        return logged(askMany(given.values().map((request) => requestOf("kms", operation, request))))
      })
    return { callOf, callMany }
  })

/** The code for drawings is loaded only by services that draw. */
const drawings = Effect.promise(async () => {
  const [{ knownMachines }, { activeIn }, { svg }] = await Promise.all([
    import("./visualizer/drawings.ts"),
    import("./visualizer/keys/history.ts"),
    import("./visualizer/svg/svg.ts")
  ])
  return { ...knownMachines.cmk, activeIn, svg }
})

const explained = (keyId: KeyId, snapshot: CmkSnapshot): KeyExplained => ({
  keyId,
  lifecycle: lifecycleOf(snapshot),
  rotation: rotationOf(snapshot),
  deadlines: deadlines(snapshot).map(({ kind, dueAt }) => ({ kind, due: formatInstant(dueAt) })),
  operations: keyOperations.map((operation): Explanation => {
    const refusal = refusalOf(operation, snapshot)
    if (refusal === undefined) return { operation, allowed: true }
    const { code, allowedStates, hint } = refusal
    return { operation, allowed: false, code, httpStatus: answers[code].status, allowedStates, hint }
  })
})

const pageSize = 200

const isKeyOperation = (name: string): name is KeyOperation => name in rules
const keyOperations = Object.keys(rules).filter(isKeyOperation)

/** `createKey` for `CreateKey`. */
export const methodName = <Name extends string>(name: Name): Uncapitalize<Name> =>
  `${name.charAt(0).toLowerCase()}${name.slice(1)}` as Uncapitalize<Name>

/** Builds the methods of an API. Each has the type of the operation of its name, which the loop cannot express. */
const facade = <Operations>(
  names: ReadonlyArray<string>,
  call: (operation: string, request: object | undefined) => Effect.Effect<object, AnyKmsError>
): MethodsOf<Operations> => {
  const methods: Record<string, unknown> = {}
  for (const name of names) methods[methodName(name)] = (request?: object) => call(name, request)
  return methods as MethodsOf<Operations>
}

type CallMany = (
  operation: OperationName,
  requests: ReadonlyArray<object | undefined>
) => Effect.Effect<ReadonlyArray<ItemResult<object, AnyKmsError>>, ErrorOf<"InvalidParameter">>

/** Callers without TypeScript may pass anything. */
const manyFault = (requests: unknown): ErrorOf<"InvalidParameter"> | undefined => {
  if (!Array.isArray(requests)) return invalid("requests", "an array of requests")
  return requests.length > manyRequestsMax
    ? invalidBecause("requests", `holds ${requests.length} requests; the limit is ${manyRequestsMax}`)
    : undefined
}

/** Builds the methods for many requests. Each has the type of its operation, which the loop cannot express. */
const manyFacade = (call: CallMany): KmsManyMethods => {
  const methods: Record<string, unknown> = {}
  for (const [name, operation] of Object.entries(manyMethods)) {
    methods[name] = (requests: ReadonlyArray<object | undefined>) => call(operation, requests)
  }
  return methods as object as KmsManyMethods
}

export const operationNames = Object.keys(catalogue).filter((name): name is OperationName => name in catalogue)
