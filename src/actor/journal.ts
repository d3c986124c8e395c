/** The stream of committed journal entries, for observers. */
import { Context, Layer } from "effect"
import type { Realm } from "../domain/ids.ts"
import type { JournalEntry } from "../records/rows.ts"

export interface CommittedEntry {
  readonly entry: JournalEntry
  readonly realm: Realm
}

/**
 * Committed journal entries, in commit order for each key. A watcher runs inside the commit's turn: it must only
 * record.
 */
export class CommitFeed extends Context.Service<
  CommitFeed,
  {
    readonly publish: (committed: CommittedEntry) => void
    /** Returns a function that stops the watching. */
    readonly watch: (watcher: (committed: CommittedEntry) => void) => () => void
  }
>()("keystate/actor/CommitFeed") {
  static readonly layer = Layer.sync(CommitFeed, () => {
    const watchers = new Set<(committed: CommittedEntry) => void>()
    return {
      publish: (committed) => {
        for (const watcher of watchers) watcher(committed)
      },
      watch: (watcher) => {
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      }
    }
  })
}
