/** A drawing as SCXML, the W3C's language of state charts: its shape and its words, guards as they are named. */
import { isSamePath } from "../model/drawing.ts"
import type { DrawnState, Drawing, EdgeLine } from "../model/drawing.ts"
import { around, leaf } from "../svg/markup.ts"
import { plainName } from "./names.ts"

const startName = (box: ReadonlyArray<string>): string => plainName([...box, "start"])

/** Event names are tokens with dots; what else a name may hold is spelled out. */
const eventName = (event: string): string => event.replaceAll(/[^\w.-]/g, "_")

export const toScxml = (drawing: Drawing): string => {
  const names = new Map<string, string>()
  const register = (states: ReadonlyArray<DrawnState>): void => {
    for (const state of states) {
      names.set(state.id, plainName(state.path))
      register(state.states)
    }
  }
  register(drawing.states)
  const transition = (line: EdgeLine | undefined, target: string | undefined): string =>
    leaf("transition", {
      event: line?.event === null || line === undefined ? undefined : eventName(line.event),
      cond: line?.guard ?? undefined,
      target
    })
  const moves = (id: string): ReadonlyArray<string> =>
    drawing.edges
      .filter(({ source }) => source === id)
      .flatMap(({ target, lines }) =>
        (lines.length === 0 ? [undefined] : lines).map((line) => transition(line, names.get(target)))
      )
  /** Where a box begins depends on what holds, which an `initial` cannot ask; a state that is passed through can. */
  const starts = (box: ReadonlyArray<string>): ReadonlyArray<string> =>
    drawing.starts
      .filter((start) => isSamePath(start.box, box))
      .map(({ id }) => around("state", { id: startName(box) }, moves(id)))
  const begins = (box: ReadonlyArray<string>): string | undefined =>
    drawing.starts.some((start) => isSamePath(start.box, box)) ? startName(box) : undefined
  const stateOf = (state: DrawnState): string => {
    const id = names.get(state.id)
    if (state.final) return leaf("final", { id })
    const inside = [...moves(state.id), ...state.stays.map((line) => transition(line, undefined))]
    if (state.states.length === 0) return around("state", { id }, inside)
    const start = begins(state.path)
    return start === undefined
      ? around("parallel", { id }, [...inside, ...state.states.map(stateOf)])
      : around("state", { id, initial: start }, [...inside, ...starts(state.path), ...state.states.map(stateOf)])
  }
  const start = begins([])
  const root = drawing.states.map(stateOf)
  const head = { xmlns: "http://www.w3.org/2005/07/scxml", version: "1.0", name: drawing.id }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${
    start === undefined
      ? around("scxml", head, [around("parallel", { id: plainName([drawing.id, "regions"]) }, root)])
      : around("scxml", { ...head, initial: start }, [...starts([]), ...root])
  }\n`
}
