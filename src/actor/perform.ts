/** Carries out what a committed decision owes. */
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
  /** Whether owed work is left in the store that could not be carried out or read. */
  isOwing: boolean
}

/**
 * Erased rows are overwritten in the store's journals too, and then the material they named is destroyed. Doing it twice
 * does no harm.
 */
const destroyErased = Effect.fnUntraced(function* ({ store, destroyUnnamed }: Performer, { keyId }: OwedRow) {
  yield* store.scrub
  const key = yield* store.key(keyId)
  if (key !== undefined) yield* destroyUnnamed(key.snapshot.context, yield* store.versions(keyId))
})

/** The work of one command after its commit. `planCommands` says what the commit itself did for it. */
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

/** Performs and strikes off. */
const settle = Effect.fnUntraced(function* (performer: Performer, row: OwedRow) {
  const { failpoints, store } = performer
  yield* failpoints.reach("actor.owed.before")
  yield* perform(performer, row)
  yield* failpoints.reach("actor.owed.after")
  yield* store.settle(row)
})

/** Answers whether the command is done. If it cannot be done now, because a token is away, it stays owed. */
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

/** What a change owes, in the order of its commands. */
const owedBy = ({ keyId, entry, owed }: Change): ReadonlyArray<OwedRow> =>
  owed.map((command) => ({ keyId, seq: entry.seq, command }))

/** Carries out what a committed change owes. */
export const performOwed = (performer: Performer, change: Change): Effect.Effect<void> =>
  change.owed.length === 0 ? Effect.void : attemptAll(performer, owedBy(change))

/** Carries out all that the store says is owed. Answers how many commands that was. */
export const settleOwed = (performer: Performer): Effect.Effect<number> =>
  Effect.gen(function* () {
    const rows = yield* performer.store.owed
    performer.isOwing = false
    yield* attemptAll(performer, rows)
    return rows.length
  }).pipe(
    Effect.catch(({ message }) => {
      performer.isOwing = true
      return Effect.as(Effect.logWarning(`what keys still owe is read again later: ${message}`), 0)
    })
  )
