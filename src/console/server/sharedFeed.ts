/** Feeds of a store that several servers change. They follow the audit log, which has each change once, in order. */
import { Effect, Latch, Semaphore } from "effect"
import type { ServiceError } from "../../domain/errorGroups.ts"
import type { AccountId, KeyId, Realm } from "../../domain/ids.ts"
import { isKeyId } from "../../domain/ids.ts"
import { entryOf } from "../../records/auditLine.ts"
import type { Segment } from "../../records/rows.ts"
import type { Store } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { Feed, Feeds, Told, Watcher } from "./feed.ts"
import type { Place, Places } from "./places.ts"

/** The interval between reads of the log while at least one page is open, in milliseconds. Pages share a read. */
const pollEvery = "250 millis"
/** Segments per read. */
const pageSize = 100
/** A page that missed more segments gets a notice of the gap, and reads its keys again. */
const missedMax = 5000
/** The number of keys whose realm is cached; it never changes. */
const realmsMax = 10_000
/** Means the last line of a segment. */
const lastLine = Number.MAX_SAFE_INTEGER

interface Changed extends Place {
  readonly keyId: KeyId
}

/**
 * The changes of keys in a segment. Unlike the line of a call, the line of a change has the resulting state. A change
 * is committed together with its line. Segments are numbered in the order of their commits without gaps, so no line
 * appears later with a smaller number than one that was read.
 */
const changesIn = ({ lines, seq }: Segment): ReadonlyArray<Changed> =>
  lines.flatMap((text, index) => {
    if (!text.startsWith("{") || text.includes('"after":null')) return []
    const place = { seq, line: index + 1 }
    const keyId = keyChangedAt(place, lines)
    return keyId === undefined ? [] : [{ ...place, keyId }]
  })

/** Undefined for a call. A line that does not decode has no change here; `keystate verify` reports it. */
const keyChangedAt = (place: Place, lines: ReadonlyArray<string>): KeyId | undefined => {
  try {
    const { after, keyId } = entryOf(place, lines)
    return after !== null && keyId !== null && isKeyId(keyId) ? keyId : undefined
  } catch {
    return undefined
  }
}

interface Change extends Place {
  readonly keyId: KeyId
  readonly realm: Realm
}

interface OpenPage {
  readonly account: AccountId
  readonly watcher: Watcher
}

interface Hub {
  readonly store: Store["Service"]
  readonly places: Places
  readonly realms: Map<KeyId, Realm>
  readonly watchers: Set<OpenPage>
  /** Open while at least one page is open. */
  readonly watched: Latch.Latch
  /** Held while the log is read. */
  readonly turn: Semaphore.Semaphore
  /** The number of the last segment that was reported to every watcher. */
  position: number
}

const realmOf = ({ realms, store }: Hub, keyId: KeyId): Effect.Effect<Realm | undefined, ServiceError> => {
  const known = realms.get(keyId)
  if (known !== undefined) return Effect.succeed(known)
  return Effect.map(orRefused(store.key(keyId)), (row) => {
    const [oldest] = realms.size < realmsMax ? [] : realms.keys()
    if (oldest !== undefined) realms.delete(oldest)
    if (row !== undefined) realms.set(keyId, row.realm)
    return row?.realm
  })
}

const withRealms = (hub: Hub, segments: ReadonlyArray<Segment>): Effect.Effect<ReadonlyArray<Change>, ServiceError> =>
  Effect.map(
    Effect.forEach(segments.flatMap(changesIn), (changed) =>
      Effect.map(realmOf(hub, changed.keyId), (realm) => (realm === undefined ? [] : [{ ...changed, realm }]))
    ),
    (found) => found.flat()
  )

const toldOf = ({ places }: Hub, account: AccountId, changes: ReadonlyArray<Change>): ReadonlyArray<Told> =>
  changes
    .filter(({ realm }) => realm.account === account)
    .map(({ keyId, line, realm, seq }) => ({ at: places.seal(account, { seq, line }), noted: { realm, keyId } }))

/** Reports to every watcher what was committed since the last read of the log. */
const readOn = (hub: Hub): Effect.Effect<void, ServiceError> =>
  Effect.gen(function* () {
    for (;;) {
      const segments = yield* orRefused(hub.store.auditSegments({ afterSeq: hub.position, limit: pageSize }))
      const newest = segments.at(-1)
      if (newest === undefined) return
      const changes = yield* withRealms(hub, segments)
      hub.position = newest.seq
      for (const { account, watcher } of hub.watchers) {
        const at = hub.places.seal(account, { seq: newest.seq, line: lastLine })
        watcher.changed(toldOf(hub, account, changes), at)
      }
      if (segments.length < pageSize) return
    }
  })

const newestSeq = ({ store }: Hub): Effect.Effect<number, ServiceError> =>
  Effect.map(
    orRefused(store.auditSegmentsBefore({ beforeSeq: Number.MAX_SAFE_INTEGER, limit: 1 })),
    ([newest]) => newest?.seq ?? 0
  )

/** The changes of an account after a position, up to the hub's position. */
const missedSince = (hub: Hub, account: AccountId, { line, seq }: Place) =>
  Effect.gen(function* () {
    const told: Array<Told> = []
    // The segment of the position is read again, because the position may be inside it.
    for (let after = seq - 1; after < hub.position;) {
      const segments = yield* orRefused(hub.store.auditSegments({ afterSeq: after, limit: pageSize }))
      const newest = segments.at(-1)
      if (newest === undefined) break
      after = newest.seq
      const changes = yield* withRealms(hub, segments)
      const missed = changes.filter((one) => one.seq <= hub.position && (one.seq > seq || one.line > line))
      told.push(...toldOf(hub, account, missed))
    }
    return told
  })

/** The position to continue from; undefined if it is from another account or store, or too many changes were missed. */
const placeIn = ({ places, position }: Hub, account: AccountId, after: string): Place | undefined => {
  const place = places.open(account, after)
  return place === undefined || place.seq > position || position - place.seq > missedMax ? undefined : place
}

const leave = (hub: Hub, openPage: OpenPage): void => {
  hub.watchers.delete(openPage)
  if (hub.watchers.size === 0) hub.watched.closeUnsafe()
}

/** A watcher joins at the hub's position, after it got the changes before it. */
const join = Effect.fnUntraced(function* (hub: Hub, openPage: OpenPage, after: string | undefined) {
  const { account, watcher } = openPage
  if (hub.watchers.size === 0) hub.position = yield* newestSeq(hub)
  else yield* readOn(hub)
  const end = hub.places.seal(account, { seq: hub.position, line: lastLine })
  const place = after === undefined ? undefined : placeIn(hub, account, after)
  if (after !== undefined && place === undefined) watcher.gap(end)
  const missed = place === undefined ? [] : yield* missedSince(hub, account, place)
  hub.watchers.add(openPage)
  hub.watched.openUnsafe()
  watcher.changed(missed, end)
  return () => leave(hub, openPage)
})

const feedOf = (hub: Hub, account: AccountId): Feed => ({
  at: Effect.map(newestSeq(hub), (seq) => hub.places.seal(account, { seq, line: lastLine })),
  follow: (after, watcher) => hub.turn.withPermit(join(hub, { account, watcher }, after))
})

/** The log is read only while a page is open. After a failed read, the next read begins at the same position. */
export const makeSharedFeeds = Effect.fnUntraced(function* (store: Store["Service"], places: Places) {
  const hub: Hub = {
    store,
    places,
    realms: new Map(),
    watchers: new Set(),
    watched: yield* Latch.make(false),
    turn: yield* Semaphore.make(1),
    position: 0
  }
  const poll = hub.watched.await.pipe(
    Effect.andThen(Effect.ignore(hub.turn.withPermit(readOn(hub)))),
    Effect.andThen(Effect.sleep(pollEvery))
  )
  yield* Effect.forkScoped(Effect.forever(poll))
  return { of: (account) => feedOf(hub, account) } satisfies Feeds
})
