/** Keystate as an Effect library: the service, its layers, its errors and its machine. */
import { Layer } from "effect"
import { AccountId, RegionId } from "./domain/ids.ts"
import { pendingWindowInDays } from "./domain/limits.ts"
import { defaultSettings, isDeletionWindowMax } from "./domain/settings.ts"
import { engineLayer } from "./main.ts"
import { assertOptions } from "./options.ts"
import type { KmsOptions } from "./options.ts"
import type { Kms } from "./kms.ts"
import type { EngineOptions, OwnStore, RootKeySource, StoreDirectory } from "./main.ts"
import type { SeedRefused } from "./seed/fault.ts"
import type { StoreUnusable } from "./store/store.ts"

export { Kms } from "./kms.ts"
export type { DiagramOptions, Explanation, KeyExplained, KmsShape, LookupError } from "./kms.ts"
export { KmsError, isKmsError } from "./domain/errors.ts"
export type { AnyKmsError, ErrorCode, ErrorDetails } from "./domain/errors.ts"
export type { CallError, DryRunError } from "./domain/errorGroups.ts"
export type { InputOf, OperationName, ReplyOf } from "./operation/catalogue.ts"
export type * from "./operation/methods/kms.ts"
export type * from "./operation/methods/many.ts"
export type * as Ram from "./operation/methods/ram.ts"
export type * as Sts from "./operation/methods/sts.ts"
export type { HashedEntry, JournalEntry } from "./records/rows.ts"
export { SeedRefused } from "./seed/fault.ts"
export type { Seed } from "./seed/format.ts"
export type { LogLine, TakeLogLine } from "./logging.ts"
export type { KmsOptions } from "./options.ts"
export { StoreUnusable } from "./store/store.ts"
export type { Inspect } from "./actor/inspection.ts"
export { engineLayer } from "./main.ts"
export type { EngineOptions, MakeProvider, OwnStore, RootKeySource, StoreDirectory } from "./main.ts"

/** The first instant of 2026 in UTC: the default start of a virtual clock. */
const virtualStart = 1_767_225_600_000

/** @internal Shared with keystate/promise. */
export const optionsOf = (store: EngineOptions["store"], options: KmsOptions): EngineOptions => {
  assertOptions({ ...options, store })
  return chosen(store, options)
}

const chosen = (store: EngineOptions["store"], options: KmsOptions): EngineOptions => ({
  realm: {
    account: AccountId.make(options.account ?? "1000000000000001"),
    region: RegionId.make(options.region ?? "cn-hangzhou")
  },
  store,
  clock: options.clock === "virtual" ? { mode: "frozen", at: options.startAt ?? virtualStart } : "real",
  crypto: options.crypto ?? "native",
  hsm: options.hsm ?? "none",
  audit: options.audit ?? "batched",
  rootKey: options.rootKey,
  accessKey: options.accessKey,
  seed: options.seed,
  fixtures: options.fixtures,
  failpoints: options.failpoints,
  randomness: options.randomness,
  inspect: options.inspect,
  logger: options.logger,
  uptime: options.uptime,
  node: options.node,
  host: options.host,
  stsClock: options.stsClock,
  quotas: options.quotas,
  requestQuotas: options.requestQuotas,
  deletionWindowMax: deletionWindowMaxOf(options)
})

const deletionWindowMaxOf = ({ deletionWindowMax = defaultSettings.deletionWindowMax }: KmsOptions): number => {
  if (isDeletionWindowMax(deletionWindowMax)) return deletionWindowMax
  throw new RangeError(
    `deletionWindowMax must be from ${pendingWindowInDays.maximum} to ${pendingWindowInDays.settableMaximum} days.`
  )
}

/** Why a service does not start: its store or its root key cannot be used, or its fixtures cannot be planted. */
export type StartError = StoreUnusable | SeedRefused

/** A service in memory. Nothing survives when it stops. */
export const KmsMemory = (options: KmsOptions = {}): Layer.Layer<Kms, StartError> =>
  Layer.suspend(() => engineLayer(optionsOf("memory", options)))

/** A service with its keys in a directory. A missing store is created, unless `create` is false. */
export const KmsSqlite = (options: KmsOptions & StoreDirectory): Layer.Layer<Kms, StartError> =>
  Layer.suspend(() => engineLayer(optionsOf({ directory: options.directory, create: options.create ?? true }, options)))

/**
 * A service on a store of your own; `keystate/store` explains how to write one. `rootKey` seals the data in the store.
 */
export const KmsStore = (
  store: OwnStore,
  options: KmsOptions & { readonly rootKey: RootKeySource }
): Layer.Layer<Kms, StartError> => Layer.suspend(() => engineLayer(optionsOf(store, options)))
