/** A key's state as shape, word and colour. */
import { livingStates } from "../../../../machines/vocabulary.ts"
import type { LifecycleState } from "../../../../machines/vocabulary.ts"
import { icons } from "./icons.tsx"

const looks = {
  Enabled: { icon: icons.enabled, word: "Enabled", tone: "good", means: "In use: it encrypts, decrypts and signs." },
  Disabled: { icon: icons.disabled, word: "Disabled", tone: "calm", means: "Switched off: every use is refused." },
  PendingDeletion: {
    icon: icons.pendingDeletion,
    word: "Pending deletion",
    tone: "bad",
    means: "Refuses every use, and is destroyed at its date unless that is cancelled."
  },
  PendingImport: {
    icon: icons.pendingImport,
    word: "Pending import",
    tone: "info",
    means: "Waits for key material from outside."
  },
  Deleted: { icon: icons.deleted, word: "Deleted", tone: "calm", means: "Gone for good." }
} as const satisfies Record<LifecycleState, unknown>

export type State = LifecycleState

export const states = livingStates

export const isState = (text: string): text is State => Object.hasOwn(looks, text)

export const wordOf = (state: string): string => (isState(state) ? looks[state].word : state)
export const meaningOf = (state: string): string => (isState(state) ? looks[state].means : "")

export const StateBadge = ({ state }: { readonly state: string }) => {
  if (!isState(state)) return <span className="badge calm">{state === "" ? "unknown" : state}</span>
  const { icon, tone, word } = looks[state]
  return (
    <span className={`badge ${tone}`} data-state={state}>
      {icon}
      {word}
    </span>
  )
}
