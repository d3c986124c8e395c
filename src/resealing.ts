/** Changes the root key of a store: opens the old and the new one, and seals every secret again. */
import { Effect, Layer, Stream } from "effect"
import type { Scope } from "effect"
import { checkOf } from "./crypto/heldRootKey.ts"
import { TokenConnection } from "./crypto/hsm/connection.ts"
import { randomnessNative } from "./crypto/native/randomness.ts"
import { openKnownRootKey, openNextRootKey, rootKeyNames, sourceInWords } from "./crypto/rootKeySource.ts"
import type { NextRootKey, RootKeySource } from "./crypto/rootKeySource.ts"
import type { RootKey } from "./crypto/seal.ts"
import type { EngineOptions } from "./main.ts"
import { rootKeyCheckName } from "./records/metaNames.ts"
import { resealAll } from "./reseal/reseal.ts"
import type { Resealed } from "./reseal/reseal.ts"
import { StoreUnusable } from "./store/store.ts"
import type { StoreFailure } from "./store/store.ts"
import type { RowChange } from "./store/transfer.ts"

export interface ResealOptions {
  readonly change: RowChange
  readonly old: RootKeySource
  readonly next: RootKeySource
  readonly hsm: EngineOptions["hsm"]
}

type Meta = ReadonlyMap<string, string>

const metaOf = ({ rows }: RowChange): Effect.Effect<Meta, StoreFailure> =>
  Stream.runFold(
    rows("meta"),
    () => new Map<string, string>(),
    (known, page) => {
      for (const { name, value } of page) known.set(name, value)
      return known
    }
  )

/** The root key while the command runs. */
const held = <A, E, R>(open: Effect.Effect<A, E, R>, keyOf: (opened: A) => RootKey) =>
  Effect.acquireRelease(open, (opened) => Effect.sync(() => keyOf(opened).close()))

const isOf = (meta: Meta, rootKey: RootKey): boolean => meta.get(rootKeyCheckName) === checkOf(rootKey)

/** Whether an earlier run of the command resealed the store. */
const isResealed = (next: RootKeySource, meta: Meta) =>
  held(openKnownRootKey(next, meta), (rootKey) => rootKey).pipe(
    Effect.map((rootKey) => isOf(meta, rootKey)),
    Effect.catch(() => Effect.succeed(false))
  )

const otherKey = (old: RootKeySource): StoreUnusable =>
  new StoreUnusable({
    message: `The data was sealed under another root key than that of the ${sourceInWords(old)}. Nothing was changed.`
  })

const sameKey = new StoreUnusable({ message: "The new root key is the old one. Nothing was changed." })

/** The root key of the store; undefined if it is already the next one. */
const openOld = ({ old, next }: ResealOptions, meta: Meta) =>
  Effect.gen(function* () {
    const found = yield* Effect.exit(held(openKnownRootKey(old, meta), (rootKey) => rootKey))
    if (found._tag === "Success" && isOf(meta, found.value)) return found.value
    if (yield* isResealed(next, meta)) return undefined
    return found._tag === "Success" ? yield* otherKey(old) : yield* found
  })

const nextOf = (next: RootKeySource, meta: Meta) =>
  held(openNextRootKey(next, meta), ({ rootKey }: NextRootKey) => rootKey)

/**
 * Seals everything under the next root key, inside the open change. Returns undefined if an earlier run has done so.
 * The caller verifies the change, and then finishes it.
 */
export const reseal = (
  options: ResealOptions
): Effect.Effect<Resealed | undefined, StoreUnusable | StoreFailure, Scope.Scope> =>
  Effect.gen(function* () {
    const { change, next } = options
    const meta = yield* metaOf(change)
    const old = yield* openOld(options, meta)
    if (old === undefined) return undefined
    const { rootKey, about } = yield* nextOf(next, meta)
    if (checkOf(rootKey) === checkOf(old)) return yield* sameKey
    const obsolete = rootKeyNames.filter((name) => !about.has(name))
    return yield* resealAll({ change, keys: { old, new: rootKey }, about, obsolete })
  }).pipe(
    Effect.provide(
      Layer.mergeAll(TokenConnection.layer(typeof options.hsm === "object" ? options.hsm : undefined), randomnessNative)
    )
  )
