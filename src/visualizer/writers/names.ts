/** Names in the languages that take letters, digits and underscores only, without two states ever sharing one. */
import type { Path } from "../model/chart.ts"
import { everyState } from "../model/drawing.ts"
import type { Drawing } from "../model/drawing.ts"

/** Letters and digits stand for themselves; anything else, and the escape letter itself, is spelled by its code. */
export const plainPart = (key: string): string =>
  Array.from(key, (letter) =>
    /^[A-Ya-z0-9]$/u.test(letter) ? letter : `Z${(letter.codePointAt(0) ?? 0).toString(16)}z`
  ).join("")

/** `lifecycle_Enabled`: an underscore separates what `plainPart` has spelled. */
const plainName = (path: ReadonlyArray<string>): string => path.map(plainPart).join("_")

/** The machine itself has no path; its own name cannot be the name of a state, for two underscores are in none. */
const machineName = (id: string): string => `machine__${plainPart(id)}`

/** A name of letters for a state of a machine, the machine itself included. */
export const pathName = (id: string, path: Path): string => (path.length === 0 ? machineName(id) : plainName(path))

/** Names of letters for every end of an edge, by its id; they begin with the machine, so that none is a keyword. */
export const namesOf = (drawing: Drawing): ((id: string) => string) => {
  const names = new Map([
    ...everyState([drawing.root]).map(
      ({ id, path }) => [id, path.length === 0 ? machineName(drawing.id) : plainName([drawing.id, ...path])] as const
    ),
    ...drawing.forks.map(({ id }) => [id, `fork__${id.slice("fork.".length)}`] as const)
  ])
  return (id) => names.get(id) ?? "[*]"
}

// oxlint-disable-next-line no-control-regex -- these are what is taken out
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** One line of text for a terminal or a source file: nothing in it moves a cursor, turns text around or ends the line. */
export const oneLine = (text: string): string => text.toWellFormed().replaceAll(controls, "\ufffd")

export const indented = (line: string): string => `  ${line}`
