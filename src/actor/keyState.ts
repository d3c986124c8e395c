/** The state of one key's actor: a record that the functions of turns and uses read and change. */
import { Effect } from "effect"
import type { Semaphore } from "effect"
import { revive } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { KeyVersionId } from "../domain/ids.ts"
import type { KeyId } from "../domain/ids.ts"
import type { Change, KeyRow } from "../records/rows.ts"
import { orRefused } from "../store/unavailable.ts"
import type { ActorServices } from "./actorServices.ts"
import { closeHandles } from "./handles.ts"
import type { HandleHolder } from "./handles.ts"
import type { Follower } from "./inspection.ts"

export interface KeyState extends HandleHolder {
  /** Held by the change that is being decided. Undefined until the first change. */
  turn: Semaphore.Semaphore | undefined
  follower: Follower | undefined
  /** The committed row, and its configuration: every gate reads it. */
  row: KeyRow
  snapshot: CmkSnapshot
  primary: KeyVersionId | undefined
  /** The time of the newest journal entry, if another engine may have written it. No later entry may be earlier. */
  notBefore: number
  /** The time of the newest journal entry that this actor wrote. It is in the future after a person set the clock back. */
  newestAt: number
  /** Changes in the mailbox, the one that holds the turn included. */
  waiting: number
  isRetired: boolean
}

const primaryOf = ({ context }: CmkSnapshot): KeyVersionId | undefined =>
  context.primaryVersionId === null ? undefined : KeyVersionId.make(context.primaryVersionId)

/** A key as the store holds it. */
export interface StoredKey {
  readonly row: KeyRow
  readonly notBefore: number
}

export const makeKeyState = (services: ActorServices, { row, notBefore }: StoredKey): KeyState => {
  const snapshot = revive(row.snapshot)
  return {
    services,
    keyId: row.keyId,
    turn: undefined,
    opened: undefined,
    follower: services.followerOf?.(row.keyId, snapshot),
    row,
    snapshot,
    primary: primaryOf(snapshot),
    notBefore,
    newestAt: Number.NEGATIVE_INFINITY,
    waiting: 0,
    isRetired: false
  }
}

/** Releases everything held, even while changes wait. */
export const release = (key: KeyState): void => {
  key.isRetired = true
  closeHandles(key)
  key.follower?.stop()
}

/** Releases everything held. Returns false, and does nothing, while changes wait. */
export const retire = (key: KeyState): boolean => {
  if (key.waiting > 0) return false
  release(key)
  return true
}

export interface Committed {
  readonly next: CmkSnapshot
  readonly change: Change
  /** The hash of the key's newest journal entry. */
  readonly head: string
  readonly event: CmkEvent
}

/** The in-memory half of the commit: from here on every gate sees the new configuration. */
export const show = (key: KeyState, { next, change, head, event }: Committed): void => {
  key.row = { ...key.row, snapshot: change.snapshot, metadata: change.metadata, head }
  key.snapshot = next
  key.newestAt = event.at
  if (next.context.primaryVersionId !== (key.primary ?? null)) key.primary = primaryOf(next)
  // An import of the same material stores it in another place. The handles that were opened before are destroyed.
  if (!next.hasTag("usable") || event.type === "ImportKeyMaterial") closeHandles(key)
  key.follower?.follow(event)
  key.services.commitFeed.publish(change)
}

/**
 * The time of the newest journal entry of a row. The journal has at least as many entries as the row's revision says.
 */
const newestInstant = ({ store }: ActorServices, { keyId, snapshot }: KeyRow) =>
  Effect.map(
    orRefused(store.journal({ keyId, afterSeq: snapshot.context.epoch - 1, limit: 1 })),
    ([entry]) => entry?.at ?? Number.NEGATIVE_INFINITY
  )

/** The key as the store holds it; undefined if the store has no such key. */
export const readStoredKey = Effect.fnUntraced(function* (services: ActorServices, keyId: KeyId) {
  const row = yield* orRefused(services.store.key(keyId))
  if (row === undefined) return undefined
  const stored: StoredKey = { row, notBefore: yield* newestInstant(services, row) }
  return stored
})

/** Adopts the row that another writer made. Uses that began earlier check the gate again. */
export const adopt = Effect.fnUntraced(function* (key: KeyState) {
  const { keyId, services } = key
  const stored = yield* readStoredKey(services, keyId)
  if (stored === undefined) return yield* Effect.die(new Error("the store no longer has the key"))
  if (stored.row.head === key.row.head) return
  services.adopted()
  key.row = stored.row
  key.notBefore = stored.notBefore
  key.snapshot = revive(key.row.snapshot)
  key.primary = primaryOf(key.snapshot)
  closeHandles(key)
  key.follower?.stop()
  key.follower = services.followerOf?.(keyId, key.snapshot)
})

/** Passes the key's deadlines to the timers. */
export const armDeadlines = ({ services, snapshot }: KeyState): void => {
  for (const { dueAt } of deadlines(snapshot)) services.armed(dueAt)
}
