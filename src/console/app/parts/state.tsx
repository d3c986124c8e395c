/** A key's state as icon, word and colour. */
import { livingStates } from "../../../../machines/vocabulary.ts"
import type { LifecycleState } from "../../../../machines/vocabulary.ts"
import { icons } from "./icons.tsx"

const looks = {
  Enabled: { icon: icons.enabled, word: "Enabled", tone: "good", means: "The key can be used." },
  Disabled: {
    icon: icons.disabled,
    word: "Disabled",
    tone: "calm",
    means: "Every use is refused until the key is enabled."
  },
  PendingDeletion: {
    icon: icons.pendingDeletion,
    word: "Pending deletion",
    tone: "bad",
    means: "Every use is refused. The key is destroyed on its deletion date unless the deletion is cancelled."
  },
  PendingImport: {
    icon: icons.pendingImport,
    word: "Pending import",
    tone: "info",
    means: "The key waits for its material to be imported."
  },
  Deleted: { icon: icons.deleted, word: "Deleted", tone: "calm", means: "The key is destroyed and cannot be restored." }
} as const satisfies Record<LifecycleState, unknown>

export type State = LifecycleState

export const states = livingStates

const isState = (text: string): text is State => Object.hasOwn(looks, text)

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
