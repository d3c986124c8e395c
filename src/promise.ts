/** Keystate for promises: the same engine, the same names, the same errors. */
import { Effect, ManagedRuntime, Stream } from "effect"
import type { AnyKmsError } from "./domain/errors.ts"
import { engineLayer } from "./main.ts"
import { optionsOf } from "./index.ts"
import type { KmsOptions } from "./index.ts"
import { Kms, operationNames } from "./kms.ts"
import type { DiagramOptions, KeyExplained, Methods } from "./kms.ts"
import type { InputOf, OperationName, ReplyOf } from "./operation/catalogue.ts"
import type { HashedEntry } from "./store/store.ts"

export { KmsError, isKmsError } from "./domain/errors.ts"
export type { AnyKmsError, ErrorCode } from "./domain/errors.ts"
export { SeedRefused } from "./seed/fault.ts"
export type { Seed } from "./seed/format.ts"
export type { KmsOptions } from "./index.ts"

type Promised<Name extends OperationName> =
  Record<never, never> extends InputOf<Name>
    ? (request?: InputOf<Name>) => Promise<ReplyOf<Name>>
    : (request: InputOf<Name>) => Promise<ReplyOf<Name>>

type PromisedMethods = { readonly [Name in OperationName as Uncapitalize<Name>]: Promised<Name> }

export interface PromiseKms extends PromisedMethods, AsyncDisposable {
  readonly clock: {
    readonly show: PromisedMethods["showClock"]
    readonly freeze: PromisedMethods["freezeClock"]
    readonly resume: PromisedMethods["resumeClock"]
    /** `"8d"`, `"36h"`; `"8 days"` is understood too. */
    readonly advance: (by: string) => Promise<ReplyOf<"AdvanceClock">>
    readonly next: PromisedMethods["advanceClockToNextDeadline"]
    /** Says that the machine's clock is right after it jumped, forward or back. */
    readonly confirm: PromisedMethods["confirmClock"]
    /** Says that the later of the two times is wrong after the machine's clock jumped. */
    readonly reject: PromisedMethods["rejectClock"]
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
 * Starts a service in this process. `store` is `"memory"` (the default) or a directory.
 * Refusals are rejections with a `KmsError`; a store that cannot be opened rejects with `StoreUnusable`,
 * and `fixtures` that cannot be planted with `SeedRefused`.
 */
export const createKms = async (
  options: KmsOptions & { readonly store?: "memory" | { readonly directory: string } } = {}
): Promise<PromiseKms> => {
  const runtime = ManagedRuntime.make(engineLayer(optionsOf(options.store ?? "memory", options)))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  const run = <A>(effect: Effect.Effect<A, AnyKmsError>): Promise<A> => runtime.runPromise(effect)
  const methods = promised(kms, run)
  const close = (): Promise<void> => runtime.dispose()
  return {
    ...methods,
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

/** The same methods, run to promises. Each keeps the type of its name, which the loop cannot show. */
const promised = (
  kms: Methods,
  run: (effect: Effect.Effect<object, AnyKmsError>) => Promise<object>
): PromisedMethods => {
  const methods: Record<string, unknown> = {}
  for (const name of operationNames) {
    const method = methodName(name)
    const call = kms[method] as (request?: object) => Effect.Effect<object, AnyKmsError>
    methods[method] = (request?: object) => run(call(request))
  }
  return methods as PromisedMethods
}

const methodName = <Name extends OperationName>(name: Name): Uncapitalize<Name> =>
  `${name.charAt(0).toLowerCase()}${name.slice(1)}` as Uncapitalize<Name>
