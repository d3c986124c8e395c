/** Decides whether a data directory may be opened, before any of its files is changed. */
import { accessSync, constants, existsSync } from "node:fs"
import { dirname, resolve } from "node:path"
import { Context, Effect, Layer } from "effect"
import type { Scope } from "effect"
import { openKnownRootKey, sourceIn, sourceInWords } from "./crypto/rootKeySource.ts"
import type { RootKeySource } from "./crypto/rootKeySource.ts"
import type { TokenConnection } from "./crypto/hsm/connection.ts"
import { checkOf } from "./crypto/heldRootKey.ts"
import { rootKeyCheckName } from "./records/metaNames.ts"
import type { RootKey } from "./crypto/seal.ts"
import type { Randomness } from "./platform/services.ts"
import { codeOf } from "./platform/durableFiles.ts"
import { databaseIn, logOf, sizeOf } from "./store/sqlite/files.ts"
import type { Inspection } from "./store/sqlite/inspection.ts"
import { StoreUnusable } from "./store/store.ts"

export interface AdmissionOptions {
  readonly directory: string
  /** Whether a missing store may be created. */
  readonly create: boolean
  readonly rootKey: RootKeySource | undefined
}

export class Admission extends Context.Service<
  Admission,
  {
    /** The root key that the store was sealed under. Undefined if the store has none yet. */
    readonly rootKey: RootKey | undefined
    /** Whether a root key may be created: only together with an empty store. */
    readonly makesRootKey: boolean
    /** Whether this start creates the store. */
    readonly isNew: boolean
    /** The schema of the store before this start. */
    readonly schema: number
  }
>()("keystate/Admission") {
  /** A store in memory is new each time. */
  static readonly layerMemory = Layer.succeed(Admission, {
    rootKey: undefined,
    makesRootKey: true,
    isNew: true,
    schema: 0
  })

  static readonly layer = (
    options: AdmissionOptions
  ): Layer.Layer<Admission, StoreUnusable, Randomness | TokenConnection> => Layer.effect(Admission, admit(options))
}

const refuse = (message: string): StoreUnusable => new StoreUnusable({ message })

const howToMake = (directory: string): string => `To create a store there, run: keystate serve --data ${directory}`

/** The root key file, if it is in the data directory: then it was created together with a database. */
const keyFileInside = (directory: string, source: RootKeySource): string | undefined =>
  source.kind === "file" && dirname(resolve(source.path)) === resolve(directory) ? source.path : undefined

/** Why a directory without a database may not be used. */
const faultOfAbsent = ({ directory, create, rootKey }: AdmissionOptions): string | undefined => {
  const path = databaseIn(directory)
  const source = sourceIn(directory, rootKey)
  const keyFile = keyFileInside(directory, source)
  if (sizeOf(logOf(path)) > 0) return `${path} is missing, and its write-ahead log is there. Restore it from a backup.`
  if (keyFile !== undefined && existsSync(keyFile)) {
    return (
      `${path} is missing, and the root key file ${keyFile} is there. Restore the database from a backup. ` +
      "To start with an empty store, first move the root key file away."
    )
  }
  if (create) return undefined
  const what = existsSync(directory) ? `${directory} holds no store` : `There is no directory ${directory}`
  return `${what}: ${path} does not exist. ${howToMake(directory)}`
}

/** Why a database without tables may not be used. */
const faultOfEmpty = ({ directory, create, rootKey }: AdmissionOptions): string | undefined => {
  const path = databaseIn(directory)
  const source = sourceIn(directory, rootKey)
  const what = sizeOf(path) === 0 ? "is empty (0 bytes)" : "holds no tables"
  if (source.kind !== "file" || existsSync(source.path)) {
    return (
      `${path} ${what}, but its root key (${sourceInWords(source)}) exists: the data was lost, or was copied without ` +
      `the write-ahead log ${logOf(path)}. Restore both from a backup. To start with an empty store, remove ${path}.`
    )
  }
  return create ? undefined : `${path} ${what}: its first start was never finished. ${howToMake(directory)}`
}

/** Why a database may not be opened, apart from its root key. */
export const faultOf = (options: AdmissionOptions, found: Inspection): string | undefined => {
  const path = databaseIn(options.directory)
  if (found.isLogLost) {
    return (
      `${path} was copied without its write-ahead log, or the log was removed: ${logOf(path)} is missing or empty, and ` +
      "it had changes. Copy both files, or restore both from a backup. A stopped server needs no log."
    )
  }
  if (!existsSync(path)) return faultOfAbsent(options)
  if (found.isEmpty) return faultOfEmpty(options)
  if (found.meta.has(rootKeyCheckName) || found.holdsData || options.create) return undefined
  return `The first start in ${options.directory} was never finished. ${howToMake(options.directory)}`
}

/** The root key of the store; fails unless the data was sealed under it. */
const recognised = (
  source: RootKeySource,
  { meta }: Inspection
): Effect.Effect<RootKey, StoreUnusable, Randomness | TokenConnection | Scope.Scope> =>
  Effect.gen(function* () {
    const rootKey = yield* Effect.acquireRelease(openKnownRootKey(source, meta), (held) =>
      Effect.sync(() => held.close())
    )
    if (checkOf(rootKey) === meta.get(rootKeyCheckName)) return rootKey
    return yield* refuse(
      `The data was sealed under another root key than that of the ${sourceInWords(source)}; ` +
        "start with the root key of the store."
    )
  })

/** Fails if a file could not be created in this place. The data directory is created with the store. */
const assertMakeable = (directory: string, path: string): Effect.Effect<void, StoreUnusable> =>
  Effect.try({
    try: () => {
      if (dirname(resolve(path)) !== resolve(directory)) accessSync(dirname(path), constants.W_OK)
    },
    catch: (failure) => refuse(`The root key file ${path} cannot be made: ${codeOf(failure) ?? "unknown"}.`)
  })

/** Fails if a new store would have no root key. */
const assertUsable = (
  directory: string,
  source: RootKeySource
): Effect.Effect<void, StoreUnusable, Randomness | TokenConnection> => {
  if (source.kind !== "file") return Effect.void
  return existsSync(source.path)
    ? Effect.map(openKnownRootKey(source, new Map()), (rootKey) => rootKey.close())
    : assertMakeable(directory, source.path)
}

const admit = (options: AdmissionOptions) =>
  Effect.gen(function* () {
    const { directory, rootKey: named } = options
    const source = sourceIn(directory, named)
    const { inspected } = yield* Effect.promise(() => import("./store/sqlite/database.ts"))
    const found = yield* inspected(databaseIn(directory))
    const fault = faultOf(options, found)
    if (fault !== undefined) return yield* refuse(fault)
    if (found.meta.has(rootKeyCheckName)) {
      return { rootKey: yield* recognised(source, found), makesRootKey: false, isNew: false, schema: found.schema }
    }
    yield* assertUsable(directory, source)
    return { rootKey: undefined, makesRootKey: !found.holdsData, isNew: found.isEmpty, schema: found.schema }
  })
