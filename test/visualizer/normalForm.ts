/** The content of a drawing in one form for all output languages: boxes, kinds, initial states and labelled arrows. */
import { everyState } from "../../src/visualizer/model/drawing.ts"
import { timedText } from "../../src/visualizer/model/lines.ts"
import type { Drawing, DrawnState } from "../../src/visualizer/model/drawing.ts"

export interface Said {
  /** `box / state`, or the state alone outside of boxes. */
  readonly places: ReadonlyArray<string>
  /** States whose parts are active at once. */
  readonly parallel: ReadonlyArray<string>
  /** `source → target: label`, one for each line of each edge; `→ target` for an initial state. */
  readonly arrows: ReadonlyArray<string>
}

export const arrowText = (source: string, target: string, label: string): string =>
  `${source} → ${target}: ${label.replaceAll(/\s+/g, " ").trim()}`

/** The part of a name that the language keeps, for its spelling of the names of a drawing. */
export interface Spelling {
  readonly name: (id: string) => string
  /** Labels in the form that the language permits. */
  readonly label?: (text: string) => string
  /** The minimum number of parallel parts that the language can express. */
  readonly partsMin?: number
}

const insideOf = (state: DrawnState): ReadonlyArray<readonly [string, string | null]> =>
  state.states.flatMap((child) => [[child.id, state.id] as const, ...insideOf(child)])

/** The content of a drawing, except whether the machine itself is a box. */
export const saidBy = (drawing: Drawing, { name, label = (text) => text, partsMin = 1 }: Spelling): Said => {
  const starts = new Map(drawing.starts.map(({ id, box }) => [id, box]))
  const isTop = (id: string | null): boolean => id === null || id === drawing.root.id
  return {
    places: insideOf(drawing.root)
      .map(([id, box]) => (isTop(box) ? name(id) : `${name(box ?? "")} / ${name(id)}`))
      .sort(),
    parallel: everyState([drawing.root])
      .filter(({ kind, states }) => kind === "parallel" && states.length >= partsMin)
      .map(({ id }) => name(id))
      .sort(),
    arrows: [
      ...drawing.edges.flatMap(({ source, target, lines }) => {
        const from = starts.has(source) ? "●" : name(source)
        const texts = lines.length === 0 ? [""] : lines.map(timedText)
        return texts.map((text) => arrowText(from, name(target), label(text)))
      }),
      ...everyState([drawing.root]).flatMap(({ id, stays }) =>
        stays.map((line) => arrowText(name(id), name(id), label(timedText(line))))
      )
    ].sort()
  }
}
