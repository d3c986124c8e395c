/** Performs the commands that a committed decision owes. */
import { Effect } from "effect"
import type { CryptoFailed } from "../crypto/provider.ts"
import type { Failpoints } from "../platform/services.ts"
import type { Store, StoreFailure } from "../store/store.ts"
import type { Change, OwedRow, VersionRow } from "../records/rows.ts"
import type { CmkContext } from "../../machines/cmk.ts"

export const actorFailpoints = ["actor.owed.before", "actor.owed.after"] as const

export interface Performer {
  readonly store: Store["Service"]
  readonly failpoints: Failpoints["Service"]
  /** Destroys, in the key's provider, the material that no row of the store names. */
  readonly destroyUnnamed: (
    context: CmkContext,
    versions: ReadonlyArray<VersionRow>
  ) => Effect.Effect<void, CryptoFailed | StoreFailure>
  /** Whether the store has owed work that could not be performed or read. */
  isOwing: boolean
}

/**
 * Overwrites erased rows in the store's journals too, then destroys the material that they named. Repeating it is
 * harmless.
 */
const destroyErased = Effect.fnUntraced(function* ({ store, destroyUnnamed }: Performer, { keyId }: OwedRow) {
  yield* store.scrub
  const key = yield* store.key(keyId)
  if (key !== undefined) yield* destroyUnnamed(key.snapshot.context, yield* store.versions(keyId))
})

/** Performs one command after its commit. `planCommands` says which part the commit itself performed. */
const perform = (performer: Performer, row: OwedRow): Effect.Effect<void, CryptoFailed | StoreFailure> => {
  const { command } = row
  switch (command._tag) {
    case "EraseMaterial":
      return destroyErased(performer, row)
    // The material was made before the commit, and its row was committed.
    case "GenerateVersion":
    // The commit removed the aliases.
    case "DropAliases":
      return Effect.void
    default:
      return command satisfies never
  }
}

/** Performs a command and removes it from the owed work. */
const settle = Effect.fnUntraced(function* (performer: Performer, row: OwedRow) {
  const { failpoints, store } = performer
  yield* failpoints.reach("actor.owed.before")
  yield* perform(performer, row)
  yield* failpoints.reach("actor.owed.after")
  yield* store.settle(row)
})

/** Returns whether the command is done. It stays owed if it cannot be done now, for example because a token is away. */
const attempt = (performer: Performer, row: OwedRow): Effect.Effect<boolean> =>
  settle(performer, row).pipe(
    Effect.as(true),
    Effect.catchTag(["StoreUnavailable", "StoreDamaged"], ({ message }) =>
      Effect.as(Effect.logWarning(`key ${row.keyId} still owes ${row.command._tag}: ${message}`), false)
    ),
    Effect.catchTag("CryptoFailed", ({ reason }) =>
      Effect.as(Effect.logError(`key ${row.keyId} still owes ${row.command._tag}: its provider is ${reason}`), false)
    )
  )

const attemptAll = Effect.fnUntraced(function* (performer: Performer, rows: ReadonlyArray<OwedRow>) {
  for (const row of rows) {
    const isDone = yield* attempt(performer, row)
    if (!isDone) performer.isOwing = true
  }
})

/** The commands that a change owes, in order. */
const owedBy = ({ keyId, entry, owed }: Change): ReadonlyArray<OwedRow> =>
  owed.map((command) => ({ keyId, seq: entry.seq, command }))

/** Performs the commands that a committed change owes. */
export const performOwed = (performer: Performer, change: Change): Effect.Effect<void> =>
  change.owed.length === 0 ? Effect.void : attemptAll(performer, owedBy(change))

/** Performs all owed commands of the store. Returns their number. */
export const settleOwed = (performer: Performer): Effect.Effect<number> =>
  Effect.gen(function* () {
    const rows = yield* performer.store.owed
    performer.isOwing = false
    yield* attemptAll(performer, rows)
    return rows.length
  }).pipe(
    Effect.catch(({ message }) => {
      performer.isOwing = true
      return Effect.as(Effect.logWarning(`the owed work of keys is read again later: ${message}`), 0)
    })
  )
