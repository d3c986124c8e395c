/** The composition root: the only file that names live layers. */
import { hostname } from "node:os"
import { Effect, Layer } from "effect"
import { Admission, faultOf } from "./admission.ts"
import { ImportDesk } from "./actor/importDesk.ts"
import { inspectionLayer } from "./actor/inspection.ts"
import { CommitFeed } from "./actor/journal.ts"
import { Permissions } from "./actor/permissions.ts"
import { KeyDirectory } from "./actor/keyDirectory.ts"
import { Audit } from "./audit/audit.ts"
import { Access } from "./authorization/access.ts"
import { AccessKeys } from "./authorization/accessKeys.ts"
import { Dispatch } from "./requests/dispatch.ts"
import { Ram } from "./authorization/ram.ts"
import { settingsOf } from "./engineOptions.ts"
import type { EngineOptions, MakeProvider, OwnStore } from "./engineOptions.ts"
import { HeldRootKey } from "./crypto/heldRootKey.ts"
import { rootKeyCheckName } from "./records/metaNames.ts"
import { TokenConnection, tokenProvider } from "./crypto/hsm/connection.ts"
import type { HsmOptions } from "./crypto/hsm/connection.ts"
import { nativePrimitives } from "./crypto/native/nativePrimitives.ts"
import { makeNativeProvider } from "./crypto/native/nativeProvider.ts"
import { randomnessNative, randomnessSeeded } from "./crypto/native/randomness.ts"
import { rootKeyFromBytes } from "./crypto/native/rootKey.ts"
import { portablePrimitives } from "./crypto/portable/portablePrimitives.ts"
import { makePortableProvider } from "./crypto/portable/portableProvider.ts"
import { Providers } from "./crypto/providers.ts"
import { openNewRootKey, sourceIn } from "./crypto/rootKeySource.ts"
import type { RootKeySource } from "./crypto/rootKeySource.ts"
import type { RootKey } from "./crypto/seal.ts"
import { Failpoints, HostProcess, Randomness } from "./platform/services.ts"
import { Settings } from "./domain/settings.ts"
import { version } from "./domain/version.ts"
import { Proofs } from "./proof/proofs.ts"
import { Kms } from "./kms.ts"
import { loggingLayer } from "./logging.ts"
import { nodesLayer } from "./nodes/nodes.ts"
import { plantSeed } from "./seed/plantSeed.ts"
import { storeLayer } from "./store/makeStore.ts"
import { memoryStoreLayer } from "./store/memory/memoryStore.ts"
import { databaseIn } from "./store/sqlite/files.ts"
import { Store, StoreUnusable } from "./store/store.ts"
import { orUnusable } from "./store/unavailable.ts"
import { layerReal } from "./timers/realClock.ts"
import { idleClockLayer } from "./timers/idleClock.ts"
import { layerVirtual } from "./timers/virtualClock.ts"
import { sessionTimeLayer } from "./timers/sessionTime.ts"
import type { LifecycleClock } from "./timers/clock.ts"
import { Timers } from "./timers/timers.ts"
import { Uptime } from "./timers/uptime.ts"

export type { RootKeySource } from "./crypto/rootKeySource.ts"
export type { EngineOptions, MakeProvider, OwnStore, StoreDirectory } from "./engineOptions.ts"

const isOwnStore = (store: EngineOptions["store"]): store is OwnStore => Layer.isLayer(store)

const needsRootKey = new StoreUnusable({
  message: "A store of your own needs rootKey: the key that seals the data in the store."
})

/** A store of your own has a root key if it has the check value of one. */
const openRootKeyOfOwn = (rootKey: RootKeySource | undefined) =>
  Effect.gen(function* () {
    if (rootKey === undefined) return yield* needsRootKey
    const known = yield* orUnusable(Effect.flatMap(Store, (store) => store.meta(rootKeyCheckName)))
    return yield* openNewRootKey(rootKey, known === undefined)
  })

const openRootKey = ({ rootKey, store }: EngineOptions) =>
  Effect.gen(function* () {
    const randomness = yield* Randomness
    const { rootKey: known, makesRootKey } = yield* Admission
    if (known !== undefined) return known
    if (isOwnStore(store)) return yield* openRootKeyOfOwn(rootKey)
    if (store !== "memory") return yield* openNewRootKey(sourceIn(store.directory, rootKey), makesRootKey)
    if (rootKey !== undefined) return yield* openNewRootKey(rootKey, true)
    return rootKeyFromBytes({ bytes: randomness.bytes(32), randomness })
  })

const tokenOf = ({ hsm }: Pick<EngineOptions, "hsm">): HsmOptions | undefined =>
  typeof hsm === "object" ? hsm : undefined

const nativeProvider: MakeProvider = makeNativeProvider
const portableProvider: MakeProvider = makePortableProvider

const softwareMaker = (crypto: EngineOptions["crypto"]): MakeProvider => {
  if (typeof crypto === "function") return crypto
  return crypto === "native" ? nativeProvider : portableProvider
}

/** A provider that passed its known-answer tests. */
const tested = (made: ReturnType<MakeProvider>) =>
  Effect.gen(function* () {
    const provider = Effect.isEffect(made) ? yield* made : made
    yield* provider.selfTest.pipe(
      Effect.mapError(
        () => new StoreUnusable({ message: `The crypto provider ${provider.name} failed its self-test.` })
      )
    )
    return provider
  })

/** The simulated HSM is the software provider under another name: it protects keys no better than software. */
const hsmProvider = ({ crypto, hsm }: Pick<EngineOptions, "crypto" | "hsm">, rootKey: RootKey) =>
  Effect.gen(function* () {
    const randomness = yield* Randomness
    const { token } = yield* TokenConnection
    if (typeof hsm === "function") return yield* tested(hsm({ randomness, rootKey }))
    const isPortable = crypto === "portable"
    const simulator = isPortable ? makePortableProvider : makeNativeProvider
    if (hsm === "simulator") return simulator({ randomness, rootKey, name: "simulator" })
    if (hsm === "none" || token === undefined) return undefined
    const primitives = isPortable ? portablePrimitives : nativePrimitives
    return yield* tokenProvider(token, { rootKey, primitives, options: hsm })
  })

const providersLayer = (options: Pick<EngineOptions, "crypto" | "hsm">) =>
  Layer.effect(
    Providers,
    Effect.gen(function* () {
      const randomness = yield* Randomness
      const { rootKey } = yield* HeldRootKey
      const software = yield* tested(softwareMaker(options.crypto)({ randomness, rootKey }))
      const hsm = yield* hsmProvider(options, rootKey)
      const at = { SOFTWARE: software, HSM: hsm } as const
      return {
        find: (protection, spec) => (at[protection]?.specs.has(spec) === true ? at[protection] : undefined),
        has: (protection) => at[protection] !== undefined,
        all: [software, ...(hsm === undefined ? [] : [hsm])]
      }
    })
  )

/** Performs commands that an earlier run left owed, then creates fixtures, then starts the clock. */
const boot = ({ fixtures, realm }: EngineOptions) =>
  Layer.effectDiscard(
    Effect.gen(function* () {
      const directory = yield* KeyDirectory
      const timers = yield* Timers
      yield* directory.settleOwed
      if (fixtures !== undefined) yield* plantSeed(fixtures, realm)
      yield* timers.start(directory.deliver)
    })
  )

const processHost = Layer.succeed(HostProcess, {
  halt: (reason: string) => Effect.sync(() => exit(reason)),
  haltSync: (reason: string) => exit(reason)
})

/** If the outcome of a commit is unknown, the process ends: the next start reads the truth from the disk. */
const exit = (reason: string): never => {
  process.stderr.write(`keystate: stopped: ${reason}\n`)
  process.exit(70)
}

/** SQLite and its code are loaded only by services with a data directory. */
const sqlite = Effect.promise(() => import("./store/sqlite/sqliteStore.ts"))

const sqliteStoreLayer = (options: { readonly directory: string }) =>
  Layer.unwrap(Effect.map(sqlite, (module) => module.sqliteStoreLayer(options)))

const sqliteCopyLayer = (options: { readonly directory: string }) =>
  Layer.unwrap(Effect.map(sqlite, (module) => module.sqliteCopyLayer(options)))

/** The present rows of a data directory, without the root key. Changes no file. */
export const rowsLayer = (directory: string) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const { inspected } = yield* Effect.promise(() => import("./store/sqlite/database.ts"))
      const found = yield* inspected(databaseIn(directory))
      const fault = faultOf({ directory, create: false, rootKey: undefined }, found)
      if (fault !== undefined) return yield* new StoreUnusable({ message: fault })
      return sqliteCopyLayer({ directory }).pipe(Layer.provide(Layer.mergeAll(Failpoints.layerNone, processHost)))
    })
  )

const outsideLayer = (options: EngineOptions) =>
  Layer.mergeAll(
    options.randomness ?? (options.seed === undefined ? randomnessNative : randomnessSeeded(options.seed)),
    options.failpoints ?? Failpoints.layerNone,
    Layer.succeed(Settings, settingsOf(options)),
    processHost
  )

const admissionLayer = ({ rootKey, store }: EngineOptions) =>
  store === "memory" || isOwnStore(store)
    ? Admission.layerMemory
    : Admission.layer({ directory: store.directory, create: store.create ?? true, rootKey })

type StoreLayer = Layer.Layer<Store, StoreUnusable> | typeof memoryStoreLayer | ReturnType<typeof sqliteStoreLayer>

/** The root key is checked before the store is opened, so that a refused start changes no file. */
const openedLayer = (options: EngineOptions, store: StoreLayer) =>
  providersLayer(options).pipe(
    Layer.provideMerge(HeldRootKey.layer(openRootKey(options))),
    Layer.provideMerge(Proofs.layer),
    Layer.provideMerge(store),
    Layer.provideMerge(admissionLayer(options)),
    Layer.provideMerge(TokenConnection.layer(tokenOf(options))),
    Layer.provideMerge(outsideLayer(options))
  )

const storeLayerOf = (store: EngineOptions["store"]): StoreLayer => {
  if (isOwnStore(store)) return storeLayer.pipe(Layer.provide(store))
  return store === "memory" ? memoryStoreLayer : sqliteStoreLayer({ directory: store.directory })
}

/** The store and the root key that opens its secrets. */
export const storedEngineLayer = (options: EngineOptions) => openedLayer(options, storeLayerOf(options.store))

/** The same on a copy of a data directory, for reading, also beside a running server. Changes no file. */
export const copiedEngineLayer = (options: EngineOptions, directory: string) =>
  openedLayer({ ...options, store: { directory, create: false } }, sqliteCopyLayer({ directory }))

const hsmName = ({ hsm }: EngineOptions): string => {
  if (typeof hsm === "function") return "own"
  return typeof hsm === "object" ? hsm.label : hsm
}

const selfOf = (options: EngineOptions) => ({
  name: options.node,
  host: options.host ?? hostname(),
  version,
  hsm: hsmName(options)
})

const clockLayer = ({
  clock
}: EngineOptions): Layer.Layer<LifecycleClock, StoreUnusable, Store | Proofs | Failpoints | Uptime> =>
  clock === "real" ? layerReal : layerVirtual(clock)

/** The service itself, on a store and its root key. */
export const serviceLayer = (options: EngineOptions) =>
  boot(options).pipe(
    Layer.provideMerge(Kms.layer(options.realm)),
    Layer.provideMerge(Dispatch.layer),
    Layer.provideMerge(Layer.mergeAll(KeyDirectory.layer, ImportDesk.layer, Access.layer)),
    Layer.provideMerge(
      Layer.mergeAll(Timers.layer, CommitFeed.layer, Permissions.layer, inspectionLayer(options.inspect))
    ),
    Layer.provideMerge(Layer.mergeAll(Audit.layer({ strict: options.audit === "strict" }), AccessKeys.layer)),
    Layer.provideMerge(Ram.layer({ account: options.realm.account, given: options.accessKey })),
    Layer.provideMerge(sessionTimeLayer(options.stsClock ?? "real")),
    Layer.provideMerge(clockLayer(options)),
    Layer.provideMerge(options.uptime ?? Uptime.layerMachine),
    // Starts first and ends last, so that other engines know of all work here.
    Layer.provideMerge(nodesLayer(selfOf(options)))
  )

/** Everything a service needs to run, from the options of one start. */
export const engineLayer = (options: EngineOptions) =>
  serviceLayer(options).pipe(
    // A program must be able to end without closing a service in memory.
    Layer.provide(options.store === "memory" ? idleClockLayer : Layer.empty),
    Layer.provideMerge(storedEngineLayer(options)),
    Layer.provideMerge(loggingLayer(options.logger))
  )
