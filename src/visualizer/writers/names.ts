/** Unique names of states for languages that allow only letters, digits and underscores. */
import type { Path } from "../model/chart.ts"
import { everyState } from "../model/drawing.ts"
import type { Drawing } from "../model/drawing.ts"

/** Letters and digits are kept. Other characters, and the escape letter itself, are replaced by their codes. */
export const plainPart = (key: string): string =>
  Array.from(key, (letter) =>
    /^[A-Ya-z0-9]$/u.test(letter) ? letter : `Z${(letter.codePointAt(0) ?? 0).toString(16)}z`
  ).join("")

/** `lifecycle_Enabled`: an underscore separates the parts, each escaped by `plainPart`. */
const plainName = (path: ReadonlyArray<string>): string => path.map(plainPart).join("_")

/** The machine itself has no path. Its name has two underscores, which the name of a state never has. */
const machineName = (id: string): string => `machine__${plainPart(id)}`

/** A name for a state of a machine, or for the machine itself. */
export const pathName = (id: string, path: Path): string => (path.length === 0 ? machineName(id) : plainName(path))

/** Names for the ends of edges, by id. They begin with the machine's name, so that none is a keyword. */
export const namesOf = (drawing: Drawing): ((id: string) => string) => {
  const names = new Map([
    ...everyState([drawing.root]).map(
      ({ id, path }) => [id, path.length === 0 ? machineName(drawing.id) : plainName([drawing.id, ...path])] as const
    ),
    ...drawing.forks.map(({ id }) => [id, `fork__${id.slice("fork.".length)}`] as const)
  ])
  return (id) => names.get(id) ?? "[*]"
}

// oxlint-disable-next-line no-control-regex -- these characters are removed
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** One line of text for a terminal or a source file, without control characters, direction marks or line ends. */
export const oneLine = (text: string): string => text.toWellFormed().replaceAll(controls, "\ufffd")

export const indented = (line: string): string => `  ${line}`
