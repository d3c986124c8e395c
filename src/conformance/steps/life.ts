/** What one sequence did, and what it took over from sequences before it. */
import type { Label, Step } from "./step.ts"

/** Where a key or a token that was taken over comes from. */
export interface Origin {
  readonly life: Life
  readonly label: Label
}

/** What one sequence did, and what it took over instead of making it. */
export interface Life {
  readonly steps: Array<Step>
  /** Steps that were not sent, because what they make was taken over. */
  readonly adopted: Set<Step>
  readonly origins: Map<Label, Origin>
}

export const newLife = (): Life => ({ steps: [], adopted: new Set(), origins: new Map() })
