/** The words in which the engine reports what happened to keys, for whoever watches. */
import { Context, Effect, Layer, PubSub } from "effect"
import type { JournalEntry } from "../store/store.ts"

/** Committed journal entries, in commit order for each key, for live views. */
export class Happenings extends Context.Service<Happenings, PubSub.PubSub<JournalEntry>>()(
  "keystate/actor/Happenings"
) {
  /** A slow watcher loses the oldest entries; it can read them again from the journal. */
  static readonly layer = Layer.effect(Happenings, PubSub.sliding<JournalEntry>(1024).pipe(Effect.map((hub) => hub)))
}
