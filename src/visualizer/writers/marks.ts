/** The marks of drawings in any format. */
import { oneLine } from "./names.ts"

export interface Marks {
  /** Ids of the highlighted states: `state.lifecycle.Enabled`. */
  readonly active?: ReadonlyArray<string>
  /** The caption above the drawing: the key and the time. */
  readonly caption?: string | undefined
}

export const isActive = (marks: Marks, id: string): boolean => marks.active?.includes(id) === true

interface Told {
  /** The steps of a path as text, in order. */
  readonly told?: ReadonlyArray<string>
  readonly refused?: { readonly number: string; readonly event: string; readonly code: string }
}

/** A path as text, below a drawing of characters. */
export const pathLines = ({ told = [], refused }: Told): string => {
  const lines = [
    ...told,
    ...(refused === undefined ? [] : [`${refused.number} ${refused.event} \u2717 refused: ${refused.code}`])
  ]
  return lines.length === 0 ? "" : `\n${lines.map((line) => `${oneLine(line)}\n`).join("")}`
}
