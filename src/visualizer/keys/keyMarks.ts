/** The history of a key as marks on its drawing: the same for files, pages and reports. */
import { lifecycleOf, rotationOf } from "../../../machines/cmk.ts"
import type { CmkSnapshot } from "../../../machines/cmk.ts"
import type { Drawing } from "../model/drawing.ts"
import { activeIn, nameOf } from "./history.ts"
import type { Moment } from "./history.ts"
import type { SvgOptions } from "../svg/svg.ts"
import { linesTaken, statesVisited, stepsKept } from "./walk.ts"
import type { WalkStep } from "./walk.ts"

const resting = (snapshot: CmkSnapshot): string => `${lifecycleOf(snapshot)}, rotation ${rotationOf(snapshot)}`

/** The caption of a drawing: the key, its state, and the time and event that led to it. */
export const captionOf = (name: string, { entry, after }: Moment): string =>
  `${name}: ${resting(after)} at ${new Date(entry.at).toISOString()}, after event ${entry.seq}, ${nameOf(entry)}`

export const told = (steps: ReadonlyArray<WalkStep>): ReadonlyArray<string> =>
  steps.map(({ number, name, snapshot }) => `${number} ${name} \u2192 ${resting(snapshot)}`)

/** The marks of a key's journal up to its last event: the state is highlighted, and the last arrow is thick. */
export const historyMarks = (drawing: Drawing, moments: ReadonlyArray<Moment>): SvgOptions => {
  const steps = moments.map(({ entry, after }) => ({ number: entry.seq, name: nameOf(entry), snapshot: after }))
  const end = steps.at(-1)
  return {
    active: end === undefined ? [] : activeIn(end.snapshot),
    visited: statesVisited(steps),
    path: linesTaken(drawing, steps.slice(-2)).filter(({ numbers }) => numbers === String(end?.number)),
    kept: stepsKept(drawing, steps.slice(-2)),
    told: told(steps)
  }
}

/** The title of the drawing of a key. */
export const titleAfter = (name: string, seq: number): string => `${name} after event ${seq}`
