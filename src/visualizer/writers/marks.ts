/** What may be marked on any drawing, whatever it is written as. */

export interface Marks {
  /** Ids of the states that are lit: `state.lifecycle.Enabled`. */
  readonly active?: ReadonlyArray<string>
}

export const isActive = (marks: Marks, id: string): boolean => marks.active?.includes(id) === true
