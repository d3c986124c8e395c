/** The executed steps of one sequence, and what it took over from earlier sequences. */
import type { Label, Step } from "./step.ts"

/** The origin of a key or token that was taken over. */
export interface Origin {
  readonly life: Life
  readonly label: Label
}

/** The executed steps of one sequence, and what it took over instead of creating it. */
export interface Life {
  readonly steps: Array<Step>
  /** Steps that were not sent, because their result was taken over. */
  readonly adopted: Set<Step>
  readonly origins: Map<Label, Origin>
}

export const newLife = (): Life => ({ steps: [], adopted: new Set(), origins: new Map() })
