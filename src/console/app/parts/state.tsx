/** A key's state as icon, word and colour. */
import { livingStates } from "../../../../machines/vocabulary.ts"
import type { LifecycleState } from "../../../../machines/vocabulary.ts"
import { icons } from "./icons.tsx"
import { isState, wordOf } from "./stateWords.ts"
import { t } from "../text/text.ts"

export { meaningOf, rotationWord, wordOf } from "./stateWords.ts"

const looks = {
  Enabled: { icon: icons.enabled, tone: "good" },
  Disabled: { icon: icons.disabled, tone: "calm" },
  PendingDeletion: { icon: icons.pendingDeletion, tone: "bad" },
  PendingImport: { icon: icons.pendingImport, tone: "info" },
  Deleted: { icon: icons.deleted, tone: "calm" }
} as const satisfies Record<LifecycleState, unknown>

export const states = livingStates

export const StateBadge = ({ state }: { readonly state: string }) => {
  if (!isState(state)) return <span className="badge calm">{state === "" ? t("unknown") : state}</span>
  const { icon, tone } = looks[state]
  return (
    <span className={`badge ${tone}`} data-state={state}>
      {icon}
      {wordOf(state)}
    </span>
  )
}
