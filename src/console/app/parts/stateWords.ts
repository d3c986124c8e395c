/** A key's states in words. */
import type { LifecycleState } from "../../../../machines/vocabulary.ts"

const words = {
  Enabled: { word: "Enabled", means: "The key can be used." },
  Disabled: { word: "Disabled", means: "Every use is refused until the key is enabled." },
  PendingDeletion: {
    word: "Pending deletion",
    means: "Every use is refused. The key is destroyed on its deletion date unless the deletion is cancelled."
  },
  PendingImport: { word: "Pending import", means: "The key waits for its material to be imported." },
  Deleted: { word: "Deleted", means: "The key is destroyed and cannot be restored." }
} as const satisfies Record<LifecycleState, unknown>

export const isState = (text: string): text is LifecycleState => Object.hasOwn(words, text)

export const wordOf = (state: string): string => (isState(state) ? words[state].word : state)
export const meaningOf = (state: string): string => (isState(state) ? words[state].means : "")
