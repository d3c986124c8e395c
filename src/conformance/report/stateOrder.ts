/** The order of a key's states in reports: the course of a life. */
import { lifecycleStates } from "../../../machines/vocabulary.ts"
import type { LifecycleState } from "../../../machines/vocabulary.ts"

const place = {
  PendingImport: 0,
  Enabled: 1,
  Disabled: 2,
  PendingDeletion: 3,
  Deleted: 4
} as const satisfies Record<LifecycleState, number>

export const stateOrder: ReadonlyArray<LifecycleState> = [...lifecycleStates].sort((a, b) => place[a] - place[b])
