/** The marks that a drawing in any format can have. */
import { oneLine } from "./names.ts"

export interface Marks {
  /** Ids of the states that are lit: `state.lifecycle.Enabled`. */
  readonly active?: ReadonlyArray<string>
  /** A line of words above the drawing: whose it is, and of when. */
  readonly caption?: string | undefined
}

export const isActive = (marks: Marks, id: string): boolean => marks.active?.includes(id) === true

interface Told {
  /** The steps of a path in words, in order. */
  readonly told?: ReadonlyArray<string>
  readonly refused?: { readonly number: string; readonly event: string; readonly code: string }
}

/** A path in words, below what is drawn in letters. */
export const pathLines = ({ told = [], refused }: Told): string => {
  const lines = [
    ...told,
    ...(refused === undefined ? [] : [`${refused.number} ${refused.event} \u2717 refused: ${refused.code}`])
  ]
  return lines.length === 0 ? "" : `\n${lines.map((line) => `${oneLine(line)}\n`).join("")}`
}
