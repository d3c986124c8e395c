/** The stream of committed journal entries, for observers. */
import { Context, Layer } from "effect"
import type { Realm } from "../domain/ids.ts"
import type { JournalEntry } from "../records/rows.ts"

export interface Happening {
  readonly entry: JournalEntry
  readonly realm: Realm
}

/**
 * Committed journal entries, in commit order for each key. A watcher runs inside the commit's turn: it must only
 * record.
 */
export class Happenings extends Context.Service<
  Happenings,
  {
    readonly publish: (happening: Happening) => void
    /** Returns a function that stops the watching. */
    readonly watch: (watcher: (happening: Happening) => void) => () => void
  }
>()("keystate/actor/Happenings") {
  static readonly layer = Layer.sync(Happenings, () => {
    const watchers = new Set<(happening: Happening) => void>()
    return {
      publish: (happening) => {
        for (const watcher of watchers) watcher(happening)
      },
      watch: (watcher) => {
        watchers.add(watcher)
        return () => watchers.delete(watcher)
      }
    }
  })
}
