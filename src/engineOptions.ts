/** The options of a start of the engine. */
import type { Effect, Layer, Scope } from "effect"
import type { Inspect } from "./actor/inspection.ts"
import type { GivenAccessKey } from "./authorization/accessKeys.ts"
import type { HsmOptions } from "./crypto/hsm/connection.ts"
import type { CryptoProvider } from "./crypto/provider.ts"
import type { RootKeySource } from "./crypto/rootKeySource.ts"
import type { RootKey } from "./crypto/seal.ts"
import type { Realm } from "./domain/ids.ts"
import { documentedRates } from "./domain/quotas.ts"
import type { Quotas, RequestRates } from "./domain/quotas.ts"
import type { ServiceSettings } from "./domain/settings.ts"
import type { TakeLogLine } from "./logging.ts"
import type { Failpoints, Randomness } from "./platform/services.ts"
import type { Seed } from "./seed/format.ts"
import type { Driver } from "./store/driver.ts"
import type { StoreUnusable } from "./store/store.ts"
import type { VirtualPosition } from "./timers/clock.ts"
import type { SessionClock } from "./timers/sessionTime.ts"
import type { Uptime } from "./timers/uptime.ts"

/** The directory of the data. */
export interface StoreDirectory {
  readonly directory: string
  /** Whether to create a store if the directory has none; true by default. */
  readonly create?: boolean
}

/** A store from outside this package. It is opened when the service starts, and closed when the service stops. */
export type OwnStore = Layer.Layer<Driver, StoreUnusable>

/**
 * Makes a crypto provider. `rootKey` seals the provider's data in rows. A failure ends the start with `StoreUnusable`;
 * the scope closes when the service stops.
 */
export type MakeProvider = (given: {
  readonly randomness: Randomness["Service"]
  readonly rootKey: RootKey
}) => CryptoProvider | Effect.Effect<CryptoProvider, StoreUnusable, Scope.Scope>

/** Every choice of an engine. `KmsOptions` is the same with defaults. */
export interface EngineOptions {
  readonly realm: Realm
  /** In memory, in a directory on SQLite, or in a store of your own. A store of your own needs `rootKey`. */
  readonly store: "memory" | StoreDirectory | OwnStore
  readonly clock: "real" | VirtualPosition
  /** The clock by which temporary credentials expire: real time by default, or the lifecycle clock. */
  readonly stsClock?: SessionClock | undefined
  /** Software crypto: OpenSSL through node:crypto, plain JavaScript, or a provider of your own. */
  readonly crypto: "native" | "portable" | MakeProvider
  /**
   * The holder of keys of level HSM: a simulator in software, a PKCS#11 token, or your provider. With `none` the engine
   * refuses such keys.
   */
  readonly hsm: "none" | "simulator" | HsmOptions | MakeProvider
  readonly audit: "batched" | "strict"
  readonly rootKey: RootKeySource | undefined
  /** The root access key; if undefined, it is generated and stored in the store. */
  readonly accessKey: GivenAccessKey | undefined
  /** Derives every random byte from a seed. For tests only: such keys protect nothing. */
  readonly seed: string | undefined
  /** Keys with fixed ids and material to create, for tests and development: the content of a seed file. */
  readonly fixtures: Seed | undefined
  /** The longest waiting period that ScheduleKeyDeletion accepts, in days: 30 to 366. */
  readonly deletionWindowMax: number
  /** The quotas of an account in a region that differ from the documented ones. */
  readonly quotas?: Partial<Quotas> | undefined
  /**
   * The calls that an account may make in a second: no limit by default, the documented ones, or a number for each
   * class.
   */
  readonly requestQuotas?: "documented" | RequestRates | undefined
  /** The action at each durable-write boundary; nothing except in tests. */
  readonly failpoints: Layer.Layer<Failpoints> | undefined
  /** An XState inspector that sees every change of every key. */
  readonly inspect?: Inspect | undefined
  /**
   * Receives the lines of the log. Without it the library logs nothing, unless a program of Effect has chosen its
   * loggers.
   */
  readonly logger?: TakeLogLine | undefined
  /** The uptime of the machine, if not from the operating system. */
  readonly uptime?: Layer.Layer<Uptime> | undefined
  /** The name of this engine in the list of nodes; by default the host name and a random part. */
  readonly node?: string | undefined
  /** The name of the machine in the list of nodes, if not from the operating system. */
  readonly host?: string | undefined
  /** The source of randomness, if not the operating system or `seed`. */
  readonly randomness: Layer.Layer<Randomness> | undefined
}

/** The settings among the options, each with its default. */
export const settingsOf = ({ deletionWindowMax, quotas = {}, requestQuotas = {} }: EngineOptions): ServiceSettings => ({
  deletionWindowMax,
  quotas,
  requestRates: requestQuotas === "documented" ? documentedRates : requestQuotas
})
