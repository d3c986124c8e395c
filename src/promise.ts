/** Keystate as a promise library: the same engine, names and errors. */
import { Effect, ManagedRuntime, Stream } from "effect"
import type { AnyKmsError } from "./domain/errors.ts"
import { engineLayer } from "./main.ts"
import type { EngineOptions } from "./main.ts"
import { optionsOf } from "./index.ts"
import type { KmsOptions } from "./index.ts"
import { Kms, methodName, operationNames } from "./kms.ts"
import type { DiagramOptions, KeyExplained } from "./kms.ts"
import type { AdvanceClockResponse, KmsMethods, KmsPromiseMethods } from "./operation/methods/kms.ts"
import { manyMethods } from "./operation/many.ts"
import type { KmsManyMethods, KmsManyPromiseMethods } from "./operation/methods/many.ts"
import type { RamMethods, RamPromiseMethods } from "./operation/methods/ram.ts"
import type { StsMethods, StsPromiseMethods } from "./operation/methods/sts.ts"
import type { HashedEntry } from "./records/rows.ts"

export { KmsError, isKmsError } from "./domain/errors.ts"
export type { CallError, DryRunError } from "./domain/errorGroups.ts"
export type { AnyKmsError, ErrorCode } from "./domain/errors.ts"
export { SeedRefused } from "./seed/fault.ts"
export type { Seed } from "./seed/format.ts"
export type { KmsOptions, LogLine, TakeLogLine } from "./index.ts"
export type * from "./operation/methods/kms.ts"
export type * from "./operation/methods/many.ts"
export type * as Ram from "./operation/methods/ram.ts"
export type * as Sts from "./operation/methods/sts.ts"

/** A method that returns a promise instead of an effect. */
type Promised<Method> = Method extends (...given: infer Given) => Effect.Effect<infer A, AnyKmsError>
  ? (...given: Given) => Promise<A>
  : never

/** The methods of an API as promises. The generated interfaces are checked against them. */
type PromisedMethods<All> = { readonly [Name in keyof All]: Promised<All[Name]> }

/** The service: a method that returns a promise for each operation. */
export interface PromiseKms extends KmsPromiseMethods, KmsManyPromiseMethods, AsyncDisposable {
  /** The operations of RAM: `createUser`, `createPolicy`, `attachPolicyToUser`, … */
  readonly ram: RamPromiseMethods
  /** The operations of STS: `getCallerIdentity`. */
  readonly sts: StsPromiseMethods
  readonly clock: {
    readonly show: KmsPromiseMethods["showClock"]
    readonly freeze: KmsPromiseMethods["freezeClock"]
    readonly resume: KmsPromiseMethods["resumeClock"]
    /** A span such as `"8d"` or `"36h"`; `"8 days"` is accepted too. */
    readonly advance: (by: string) => Promise<AdvanceClockResponse>
    readonly next: KmsPromiseMethods["advanceClockToNextDeadline"]
    /** Confirms that the machine's clock is right after it jumped forward or back. */
    readonly confirm: KmsPromiseMethods["confirmClock"]
    /** Rejects the later of the two times after the machine's clock jumped. */
    readonly reject: KmsPromiseMethods["rejectClock"]
  }
  /**
   * The operations that are legal on a key now, and the reasons for the others. The key is named by id, ARN or alias.
   */
  readonly explain: (key: string) => Promise<KeyExplained>
  /** A key's journal, oldest first, also that of a deleted key. An error is thrown when the first entry is read. */
  readonly events: (key: string) => AsyncIterable<HashedEntry>
  /** The machine of a CMK as SVG, with the present states of this key highlighted. */
  readonly diagram: (key: string, options?: DiagramOptions) => Promise<string>
  /** Stops the service. All acknowledged changes are already durable. */
  readonly close: () => Promise<void>
}

const longUnits: Readonly<Record<string, string>> = {
  week: "w",
  day: "d",
  hour: "h",
  minute: "m",
  second: "s",
  millisecond: "ms"
}

/** Converts `8 days` to `8d`. Other text is passed on, and the operation refuses it. */
const shortSpan = (span: string): string => {
  const [, count, unit] = /^([0-9]+) ?(week|day|hour|minute|second|millisecond)s?$/.exec(span) ?? []
  return count === undefined || unit === undefined ? span : `${count}${longUnits[unit] ?? ""}`
}

/**
 * Starts a service in this process. `store` is `"memory"` (the default) or a directory. A missing store is created;
 * with `{ directory, create: false }` the call rejects instead, with `StoreUnusable`. Errors are rejections with a
 * `KmsError`; a store that cannot be opened rejects with `StoreUnusable`, and invalid `fixtures` with `SeedRefused`.
 */
export const createKms = async (
  options: KmsOptions & { readonly store?: EngineOptions["store"] } = {}
): Promise<PromiseKms> => promiseKms(ManagedRuntime.make(engineLayer(optionsOf(options.store ?? "memory", options))))

/** @internal Shared with keystate/server. The methods of the service that the runtime starts; `close` ends it. */
export const promiseKms = async <E>(runtime: ManagedRuntime.ManagedRuntime<Kms, E>): Promise<PromiseKms> => {
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  const run = <A>(effect: Effect.Effect<A, AnyKmsError>): Promise<A> => runtime.runPromise(effect)
  const methods = promised<KmsMethods>(kms, operationNames, run)
  const close = (): Promise<void> => runtime.dispose()
  return {
    ...methods,
    ...promised<KmsManyMethods>(kms, Object.keys(manyMethods), run),
    ram: promised<RamMethods>(kms.ram, Object.keys(kms.ram), run),
    sts: promised<StsMethods>(kms.sts, Object.keys(kms.sts), run),
    clock: {
      show: methods.showClock,
      freeze: methods.freezeClock,
      resume: methods.resumeClock,
      advance: (by) => methods.advanceClock({ By: shortSpan(by) }),
      next: methods.advanceClockToNextDeadline,
      confirm: methods.confirmClock,
      reject: methods.rejectClock
    },
    explain: (key) => run(kms.explain(key)),
    events: (key) => Stream.toAsyncIterable(kms.events(key)),
    diagram: (key, diagramOptions) => run(kms.diagram(key, diagramOptions)),
    close,
    [Symbol.asyncDispose]: close
  }
}

type Run = <A>(effect: Effect.Effect<A, AnyKmsError>) => Promise<A>

/** The same methods as promises. Each has the type of its name, which the loop cannot express. */
const promised = <All extends object>(all: All, names: ReadonlyArray<string>, run: Run): PromisedMethods<All> => {
  const methods: Record<string, unknown> = {}
  for (const name of names) {
    const method = methodName(name)
    const call = Reflect.get(all, method) as (request?: object) => Effect.Effect<object, AnyKmsError>
    methods[method] = (request?: object) => run(call(request))
  }
  return methods as PromisedMethods<All>
}
