/** The composition root: the only file that names live layers. */
import { join } from "node:path"
import { Effect, Layer } from "effect"
import type { Redacted } from "effect"
import { ImportDesk } from "./actor/importDesk.ts"
import { Happenings } from "./actor/journal.ts"
import { KeyDirectory } from "./actor/keyDirectory.ts"
import { Audit } from "./audit/audit.ts"
import { Access } from "./authorization/access.ts"
import { AccessKeys } from "./authorization/accessKeys.ts"
import type { GivenAccessKey } from "./authorization/accessKeys.ts"
import { Dispatch } from "./authorization/dispatch.ts"
import { Ram } from "./authorization/ram.ts"
import { HeldRootKey } from "./crypto/heldRootKey.ts"
import { TokenConnection, tokenProvider } from "./crypto/hsm/connection.ts"
import type { HsmOptions } from "./crypto/hsm/connection.ts"
import { openRootKeyInToken } from "./crypto/hsm/rootKeyInToken.ts"
import { nativePrimitives } from "./crypto/native/nativePrimitives.ts"
import { makeNativeProvider } from "./crypto/native/nativeProvider.ts"
import { randomnessNative, randomnessSeeded } from "./crypto/native/randomness.ts"
import { rootKeyFromBytes, rootKeyFromPassphrase } from "./crypto/native/rootKey.ts"
import { openRootKeyFile } from "./crypto/native/rootKeyFile.ts"
import { portablePrimitives } from "./crypto/portable/portablePrimitives.ts"
import { makePortableProvider } from "./crypto/portable/portableProvider.ts"
import { Providers } from "./crypto/providers.ts"
import type { RootKey } from "./crypto/seal.ts"
import { decodeBase64, encodeBase64 } from "./domain/base64.ts"
import type { Realm } from "./domain/ids.ts"
import { Failpoints, HostProcess, Randomness } from "./domain/outside.ts"
import { Settings } from "./domain/settings.ts"
import { Kms } from "./kms.ts"
import type { Seed } from "./seed/format.ts"
import { sow } from "./seed/sow.ts"
import { memoryStoreLayer } from "./store/memory/memoryStore.ts"
import { sqliteStoreLayer } from "./store/sqlite/sqliteStore.ts"
import { Store, StoreUnusable } from "./store/store.ts"
import { layerReal, layerVirtual } from "./timers/clock.ts"
import type { VirtualPosition } from "./timers/clock.ts"
import { Timers } from "./timers/timers.ts"
import { Uptime } from "./timers/uptime.ts"

/** Where the root key comes from. A memory store without one makes its own and takes it to the grave. */
export type RootKeySource =
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "passphrase"; readonly passphrase: Redacted.Redacted<string> }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** Sealed in the store under a key of the token that `hsm` connects. */
  | { readonly kind: "hsm" }

export interface EngineOptions {
  readonly realm: Realm
  /** `memory`, or the directory the data lives in. */
  readonly store: "memory" | { readonly directory: string }
  readonly clock: "real" | VirtualPosition
  readonly crypto: "native" | "portable"
  /** What holds the keys of level HSM: nothing, so that they are refused, a simulator made of software, or a token. */
  readonly hsm: "none" | "simulator" | HsmOptions
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
  /** What happens at each durable-write boundary; nothing unless a test says otherwise. */
  readonly failpoints: Layer.Layer<Failpoints> | undefined
  /** How long the machine has run, if not from the operating system. */
  readonly uptime?: Layer.Layer<Uptime> | undefined
  /** Where randomness comes from, if not from the operating system or from `seed`. */
  readonly randomness: Layer.Layer<Randomness> | undefined
}

const saltName = "rootKey.salt"

const fromPassphrase = Effect.fn("main.fromPassphrase")(function* (passphrase: Redacted.Redacted<string>) {
  const store = yield* Store
  const randomness = yield* Randomness
  const known = yield* store.meta(saltName)
  const salt = known === undefined ? randomness.bytes(16) : decodeBase64(known)
  if (salt === undefined) return yield* new StoreUnusable({ message: "The salt of the root key is not Base64." })
  if (known === undefined) yield* store.setMeta(saltName, encodeBase64(salt))
  return yield* rootKeyFromPassphrase({ passphrase, salt, randomness })
})

const fromToken = Effect.gen(function* () {
  const { token } = yield* TokenConnection
  if (token !== undefined) return yield* openRootKeyInToken(token.pool.call)
  return yield* new StoreUnusable({ message: "The root key is to come from a token, and no token is connected." })
})

const openRootKey = (
  options: EngineOptions
): Effect.Effect<RootKey, StoreUnusable, Store | Randomness | TokenConnection> =>
  Effect.gen(function* () {
    const randomness = yield* Randomness
    const { rootKey, store } = options
    if (rootKey?.kind === "bytes") return rootKeyFromBytes({ bytes: rootKey.bytes, randomness })
    if (rootKey?.kind === "hsm") return yield* fromToken
    if (rootKey?.kind === "passphrase") return yield* fromPassphrase(rootKey.passphrase)
    if (rootKey === undefined && store === "memory") {
      return rootKeyFromBytes({ bytes: randomness.bytes(32), randomness })
    }
    const path = rootKey?.path ?? (store === "memory" ? "" : join(store.directory, "root.key"))
    return yield* openRootKeyFile({ path, randomness })
  })

const tokenOf = ({ hsm }: Pick<EngineOptions, "hsm">): HsmOptions | undefined =>
  typeof hsm === "string" ? undefined : hsm

/** The simulated HSM is the software provider under another name: it guards nothing that software does not. */
const hsmProvider = ({ crypto, hsm }: Pick<EngineOptions, "crypto" | "hsm">, rootKey: RootKey) =>
  Effect.gen(function* () {
    const randomness = yield* Randomness
    const { token } = yield* TokenConnection
    const make = crypto === "native" ? makeNativeProvider : makePortableProvider
    if (hsm === "simulator") return make({ randomness, rootKey, name: "simulator" })
    if (hsm === "none" || token === undefined) return undefined
    const primitives = crypto === "native" ? nativePrimitives : portablePrimitives
    return yield* tokenProvider(token, { rootKey, primitives, options: hsm })
  })

const providersLayer = (options: Pick<EngineOptions, "crypto" | "hsm">) =>
  Layer.effect(
    Providers,
    Effect.gen(function* () {
      const randomness = yield* Randomness
      const { rootKey } = yield* HeldRootKey
      const make = options.crypto === "native" ? makeNativeProvider : makePortableProvider
      const software = make({ randomness, rootKey })
      yield* software.selfTest.pipe(Effect.orDie)
      const hsm = yield* hsmProvider(options, rootKey)
      const at = { SOFTWARE: software, HSM: hsm } as const
      return {
        find: (protection, spec) => (at[protection]?.specs.has(spec) === true ? at[protection] : undefined),
        has: (protection) => at[protection] !== undefined,
        all: [software, ...(hsm === undefined ? [] : [hsm])]
      }
    })
  )

/** What an earlier run left owing is carried out first, then fixtures are planted, then the clock starts delivering. */
const boot = ({ fixtures, realm }: EngineOptions) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const directory = yield* KeyDirectory
      const timers = yield* Timers
      yield* directory.settleOwed
      if (fixtures !== undefined) yield* sow(fixtures, realm)
      yield* timers.start(directory.deliver)
    })
  )

export const processHost = Layer.succeed(HostProcess, {
  halt: (reason: string) => Effect.sync(() => exit(reason)),
  haltSync: (reason: string) => exit(reason)
})

/** An outcome that is not known is not guessed: the next start reads from the disk what is true. */
const exit = (reason: string): never => {
  process.stderr.write(`keystate: stopped: ${reason}\n`)
  process.exit(70)
}

/** The rows of a data directory, without the key that opens what is sealed in them. */
export const rowsLayer = (directory: string) =>
  sqliteStoreLayer({ directory }).pipe(Layer.provide(Layer.mergeAll(Failpoints.layerNone, processHost)))

/** What is kept, and what opens it: enough to look at a data directory without bringing it to life. */
export const storedEngineLayer = (options: EngineOptions) => {
  const outside = Layer.mergeAll(
    options.randomness ?? (options.seed === undefined ? randomnessNative : randomnessSeeded(options.seed)),
    options.failpoints ?? Failpoints.layerNone,
    Layer.succeed(Settings, { deletionWindowMax: options.deletionWindowMax }),
    processHost
  )
  const store = options.store === "memory" ? memoryStoreLayer : sqliteStoreLayer({ directory: options.store.directory })
  return providersLayer(options).pipe(
    Layer.provideMerge(HeldRootKey.layer(openRootKey(options))),
    Layer.provideMerge(TokenConnection.layer(tokenOf(options))),
    Layer.provideMerge(store),
    Layer.provideMerge(outside)
  )
}

/** The service itself, on what is kept and what opens it. */
export const serviceLayer = (options: EngineOptions) =>
  boot(options).pipe(
    Layer.provideMerge(Kms.layer(options.realm)),
    Layer.provideMerge(Dispatch.layer),
    Layer.provideMerge(Layer.mergeAll(KeyDirectory.layer, ImportDesk.layer, Access.layer)),
    Layer.provideMerge(Layer.mergeAll(Timers.layer, Happenings.layer)),
    Layer.provideMerge(
      Layer.mergeAll(
        Audit.layer({ strict: options.audit === "strict" }),
        options.clock === "real"
          ? layerReal.pipe(Layer.provide(options.uptime ?? Uptime.layerMachine))
          : layerVirtual(options.clock),
        AccessKeys.layer
      )
    ),
    Layer.provideMerge(Ram.layer({ account: options.realm.account, given: options.accessKey }))
  )

/** Everything a service needs to run, from the options of one start. */
export const engineLayer = (options: EngineOptions) =>
  serviceLayer(options).pipe(Layer.provideMerge(storedEngineLayer(options)))
