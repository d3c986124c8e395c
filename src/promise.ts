/** Keystate for promises: the same engine, the same names, the same errors. */
import { Effect, ManagedRuntime, Stream } from "effect"
import type { AnyKmsError } from "./domain/errors.ts"
import { engineLayer } from "./main.ts"
import type { EngineOptions } from "./main.ts"
import { optionsOf } from "./index.ts"
import type { KmsOptions } from "./index.ts"
import { Kms, methodName, operationNames } from "./kms.ts"
import type { DiagramOptions, KeyExplained } from "./kms.ts"
import type { AdvanceClockResponse, KmsMethods, KmsPromiseMethods } from "./operation/methods/kms.ts"
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
export type * as Ram from "./operation/methods/ram.ts"
export type * as Sts from "./operation/methods/sts.ts"

/** A method that answers a promise instead of an effect. */
type Promised<Method> = Method extends (...given: infer Given) => Effect.Effect<infer A, AnyKmsError>
  ? (...given: Given) => Promise<A>
  : never

/** The methods of an API as promises. The generated interfaces are checked against them. */
type PromisedMethods<All> = { readonly [Name in keyof All]: Promised<All[Name]> }

export interface PromiseKms extends KmsPromiseMethods, AsyncDisposable {
  /** The operations of RAM: `createUser`, `createPolicy`, `attachPolicyToUser`, … */
  readonly ram: RamPromiseMethods
  /** The operations of STS: `getCallerIdentity`. */
  readonly sts: StsPromiseMethods
  readonly clock: {
    readonly show: KmsPromiseMethods["showClock"]
    readonly freeze: KmsPromiseMethods["freezeClock"]
    readonly resume: KmsPromiseMethods["resumeClock"]
    /** `"8d"`, `"36h"`; `"8 days"` is understood too. */
    readonly advance: (by: string) => Promise<AdvanceClockResponse>
    readonly next: KmsPromiseMethods["advanceClockToNextDeadline"]
    /** Says that the machine's clock is right after it jumped, forward or back. */
    readonly confirm: KmsPromiseMethods["confirmClock"]
    /** Says that the later of the two times is wrong after the machine's clock jumped. */
    readonly reject: KmsPromiseMethods["rejectClock"]
  }
  /** What may be called on a key now, and why not what may not. The key is named by id, ARN or alias. */
  readonly explain: (key: string) => Promise<KeyExplained>
  /** A key's journal, oldest first; that of a deleted key too. A refusal is thrown when the first entry is asked for. */
  readonly events: (key: string) => AsyncIterable<HashedEntry>
  /** The machine of a CMK as SVG, with the states this key rests in lit. */
  readonly diagram: (key: string, options?: DiagramOptions) => Promise<string>
  /** Stops the service; what was answered is durable already. */
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

/** `8 days` as `8d`. What is not understood is left for the operation to refuse. */
const shortSpan = (span: string): string => {
  const [, count, unit] = /^([0-9]+) ?(week|day|hour|minute|second|millisecond)s?$/.exec(span) ?? []
  return count === undefined || unit === undefined ? span : `${count}${longUnits[unit] ?? ""}`
}

/**
 * Starts a service in this process. `store` is `"memory"` (the default) or a directory. The store is made if the directory
 * holds none; `{ directory, create: false }` rejects instead, with `StoreUnusable`.
 * Refusals are rejections with a `KmsError`; a store that cannot be opened rejects with `StoreUnusable`,
 * and `fixtures` that cannot be planted with `SeedRefused`.
 */
export const createKms = async (
  options: KmsOptions & { readonly store?: EngineOptions["store"] } = {}
): Promise<PromiseKms> => {
  const runtime = ManagedRuntime.make(engineLayer(optionsOf(options.store ?? "memory", options)))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  const run = <A>(effect: Effect.Effect<A, AnyKmsError>): Promise<A> => runtime.runPromise(effect)
  const methods = promised<KmsMethods>(kms, operationNames, run)
  const close = (): Promise<void> => runtime.dispose()
  return {
    ...methods,
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

/** The same methods, run to promises. Each keeps the type of its name, which the loop cannot show. */
const promised = <All extends object>(all: All, names: ReadonlyArray<string>, run: Run): PromisedMethods<All> => {
  const methods: Record<string, unknown> = {}
  for (const name of names) {
    const method = methodName(name)
    const call = Reflect.get(all, method) as (request?: object) => Effect.Effect<object, AnyKmsError>
    methods[method] = (request?: object) => run(call(request))
  }
  return methods as PromisedMethods<All>
}
