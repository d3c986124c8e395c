/** The keys of a realm in memory, as lists filter and sort them. The feed of committed changes keeps them up to date. */
import { Clock, Effect, Semaphore } from "effect"
import type { ServiceError } from "../../domain/errorGroups.ts"
import type { KeyId, Realm } from "../../domain/ids.ts"
import type { KeyRow } from "../../records/rows.ts"
import type { Store } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { KeySort } from "../protocol.ts"
import type { Feeds } from "./feed.ts"
import { listedOf, orders } from "./listed.ts"
import type { Listed } from "./listed.ts"

/** Rows per read. Between reads the server answers other requests. */
const readAtOnce = 2000
/** How long a realm stays in memory without a request. */
const idleMillis = 10 * 60_000
const sweepMillis = 60_000
/** How often the whole realm is read again if keys are deleted during the reads. */
const readsMax = 5

/** The keys of one realm at one moment. */
export interface IndexedKeys {
  readonly size: number
  /** Every key in ascending order. Keys that compare equal keep their order of creation. */
  readonly inOrder: (sort: KeySort) => ReadonlyArray<Listed>
}

export interface KeyIndex {
  /** The keys as of now, including every change that the feed has reported. */
  readonly of: (realm: Realm) => Effect.Effect<IndexedKeys, ServiceError>
  /** Whether the keys of the realm are in memory already. */
  readonly isReady: (realm: Realm) => boolean
}

interface RealmKeys {
  readonly realm: Realm
  readonly keys: Map<KeyId, Listed>
  /** Keys that changed since they were read. */
  readonly changed: Set<KeyId>
  readonly turn: Semaphore.Semaphore
  /** The keys in each order that was requested since the last change. */
  readonly sorted: Map<KeySort, ReadonlyArray<Listed>>
  /** Stops following the feed. */
  stop: (() => void) | undefined
  isWhole: boolean
  usedAt: number
  /** The place of the next new key. */
  nextPlace: number
}

interface Sources {
  readonly store: Store["Service"]
  readonly feeds: Feeds
}

const nameOf = ({ account, region }: Realm): string => `${account} ${region}`

const isSame = (a: Realm, b: Realm): boolean => a.account === b.account && a.region === b.region

/** A row that is read again keeps its place. */
const put = (of: RealmKeys, row: KeyRow, aliases: ReadonlyArray<string>): void => {
  const place = of.keys.get(row.keyId)?.place ?? of.nextPlace++
  of.keys.set(row.keyId, listedOf(row, aliases, place))
}

const follow = ({ feeds }: Sources, of: RealmKeys): Effect.Effect<void, ServiceError> =>
  Effect.gen(function* () {
    if (of.stop !== undefined) return
    of.stop = yield* feeds.of(of.realm.account).follow(undefined, {
      changed: (told) => {
        for (const { noted } of told) if (isSame(noted.realm, of.realm)) of.changed.add(noted.keyId)
      },
      gap: () => {
        of.isWhole = false
      }
    })
  })

const readAliases = Effect.fnUntraced(function* ({ store }: Sources, realm: Realm) {
  const found = new Map<KeyId, Array<string>>()
  for (let offset = 0; ; offset += readAtOnce) {
    const { aliases } = yield* orRefused(store.aliases({ realm, offset, limit: readAtOnce }))
    for (const { aliasName, keyId } of aliases) {
      const known = found.get(keyId)
      if (known === undefined) found.set(keyId, [aliasName])
      else known.push(aliasName)
    }
    if (aliases.length < readAtOnce) return found
    yield* Effect.yieldNow
  }
})

const readOne = Effect.fnUntraced(function* ({ store }: Sources, of: RealmKeys, keyId: KeyId) {
  const row = yield* orRefused(store.key(keyId))
  if (row === undefined || row.snapshot.value.lifecycle === "Deleted") of.keys.delete(keyId)
  else put(of, row, yield* orRefused(store.aliasesOf(keyId)))
})

const readChanged = Effect.fnUntraced(function* (sources: Sources, of: RealmKeys) {
  const changed = [...of.changed]
  for (const keyId of changed) {
    // A change during the read marks the key again. A failed read leaves the mark.
    of.changed.delete(keyId)
    yield* Effect.onError(readOne(sources, of, keyId), () => Effect.sync(() => of.changed.add(keyId)))
  }
  if (changed.length > 0) of.sorted.clear()
})

/**
 * Reads every key of the realm. A deletion during the read may hide another key from the pages; the number then
 * differs.
 */
const readOnce = Effect.fnUntraced(function* (sources: Sources, of: RealmKeys) {
  const { store } = sources
  const { realm } = of
  of.keys.clear()
  const aliases = yield* readAliases(sources, realm)
  for (let offset = 0; ; offset += readAtOnce) {
    const rows = yield* orRefused(store.keyRows({ realm, offset, limit: readAtOnce }))
    for (const row of rows) put(of, row, aliases.get(row.keyId) ?? [])
    if (rows.length < readAtOnce) break
    yield* Effect.yieldNow
  }
  yield* readChanged(sources, of)
  const { total } = yield* orRefused(store.keys({ realm, offset: 0, limit: 0 }))
  return total === of.keys.size
})

const readWhole = Effect.fnUntraced(function* (sources: Sources, of: RealmKeys) {
  for (let reads = 1; reads <= readsMax; reads++) if (yield* readOnce(sources, of)) break
  of.sorted.clear()
  of.isWhole = true
})

const bringUp = Effect.fnUntraced(function* (sources: Sources, of: RealmKeys) {
  yield* follow(sources, of)
  yield* of.isWhole ? readChanged(sources, of) : readWhole(sources, of)
})

const sortedBy = ({ keys, sorted }: RealmKeys, sort: KeySort): ReadonlyArray<Listed> => {
  const known = sorted.get(sort)
  if (known !== undefined) return known
  const found = [...keys.values()].sort(orders[sort])
  sorted.set(sort, found)
  return found
}

const noKeys = (realm: Realm): RealmKeys => ({
  realm,
  keys: new Map(),
  changed: new Set(),
  turn: Semaphore.makeUnsafe(1),
  sorted: new Map(),
  stop: undefined,
  isWhole: false,
  usedAt: 0,
  nextPlace: 0
})

export const makeKeyIndex = Effect.fnUntraced(function* (sources: Sources) {
  const clock = yield* Clock.Clock
  const known = new Map<string, RealmKeys>()
  const keysOf = (realm: Realm): RealmKeys => {
    const found = known.get(nameOf(realm)) ?? noKeys(realm)
    known.set(nameOf(realm), found)
    found.usedAt = clock.currentTimeMillisUnsafe()
    return found
  }
  const drop = (isOver: (of: RealmKeys) => boolean): void => {
    for (const [name, of] of known) {
      if (!isOver(of)) continue
      of.stop?.()
      known.delete(name)
    }
  }
  const sweep = Effect.sync(() => drop(({ usedAt }) => usedAt < clock.currentTimeMillisUnsafe() - idleMillis))
  yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(sweepMillis), sweep)))
  yield* Effect.addFinalizer(() => Effect.sync(() => drop(() => true)))
  return {
    isReady: (realm) => known.get(nameOf(realm))?.isWhole === true,
    of: (realm) =>
      Effect.suspend(() => {
        const of = keysOf(realm)
        // The next page needs the keys too, even if this request is cancelled.
        const broughtUp = Effect.uninterruptible(of.turn.withPermit(bringUp(sources, of)))
        return Effect.map(broughtUp, () => ({ size: of.keys.size, inOrder: (sort) => sortedBy(of, sort) }))
      })
  } satisfies KeyIndex
})
