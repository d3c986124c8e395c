/** What a start of the engine may be told. */
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

/** The directory that the data lives in. */
export interface StoreDirectory {
  readonly directory: string
  /** Whether a store is made if the directory holds none; true if not given. */
  readonly create?: boolean
}

/** A store made outside this package. It is opened when the service starts, and closed when the service stops. */
export type OwnStore = Layer.Layer<Driver, StoreUnusable>

/**
 * Makes a crypto provider. `rootKey` seals what the provider stores in rows. A failure ends the start with
 * `StoreUnusable`; the scope closes when the service stops.
 */
export type MakeProvider = (given: {
  readonly randomness: Randomness["Service"]
  readonly rootKey: RootKey
}) => CryptoProvider | Effect.Effect<CryptoProvider, StoreUnusable, Scope.Scope>

export interface EngineOptions {
  readonly realm: Realm
  /** In memory, in a directory on SQLite, or in a store of your own. A store of your own needs `rootKey`. */
  readonly store: "memory" | StoreDirectory | OwnStore
  readonly clock: "real" | VirtualPosition
  /** What temporary credentials expire by: real time, if nothing else is said, or the lifecycle clock. */
  readonly stsClock?: SessionClock | undefined
  /** Software crypto: OpenSSL through node:crypto, plain JavaScript, or a provider of your own. */
  readonly crypto: "native" | "portable" | MakeProvider
  /**
   * What holds the keys of level HSM: nothing, so that they are refused, a simulator made of software, a PKCS#11 token, or
   * a provider of your own.
   */
  readonly hsm: "none" | "simulator" | HsmOptions | MakeProvider
  readonly audit: "batched" | "strict"
  readonly rootKey: RootKeySource | undefined
  /** The root access key to use; made and kept by the store if undefined. */
  readonly accessKey: GivenAccessKey | undefined
  /** Makes every random byte follow from a seed. For tests only: such keys protect nothing. */
  readonly seed: string | undefined
  /** Keys with fixed ids and material that are to be there, for tests and development: the content of a seed file. */
  readonly fixtures: Seed | undefined
  /** The longest waiting period that ScheduleKeyDeletion takes, in days: 30 to 366. */
  readonly deletionWindowMax: number
  /** What an account may hold in a region, if not what is documented. */
  readonly quotas?: Partial<Quotas> | undefined
  /** Calls that an account may make in a second: no limit if not given, what is documented, or a number for each class. */
  readonly requestQuotas?: "documented" | RequestRates | undefined
  /** What happens at each durable-write boundary; nothing unless a test says otherwise. */
  readonly failpoints: Layer.Layer<Failpoints> | undefined
  /** An XState inspector that sees every change of every key. */
  readonly inspect?: Inspect | undefined
  /** Takes the lines of the log. Without it the library logs nothing, unless a program of Effect has chosen its loggers. */
  readonly logger?: TakeLogLine | undefined
  /** How long the machine has run, if not from the operating system. */
  readonly uptime?: Layer.Layer<Uptime> | undefined
  /** What other engines on the same store call this one; the name of the host and a random part if not given. */
  readonly node?: string | undefined
  /** The name of the machine in the list of nodes, if not from the operating system. */
  readonly host?: string | undefined
  /** Where randomness comes from, if not from the operating system or from `seed`. */
  readonly randomness: Layer.Layer<Randomness> | undefined
}

/** The settings among the options, each with its default. */
export const settingsOf = ({ deletionWindowMax, quotas = {}, requestQuotas = {} }: EngineOptions): ServiceSettings => ({
  deletionWindowMax,
  quotas,
  requestRates: requestQuotas === "documented" ? documentedRates : requestQuotas
})
