/** Compares paths of states: keys from the outermost state inwards. */
import type { Path } from "./guards.ts"

export const isSamePath = (a: Path, b: Path): boolean => a.length === b.length && a.every((key, at) => key === b[at])

/** Whether a state is a box or inside it. */
export const isWithin = (path: Path, box: Path): boolean => box.every((key, at) => key === path[at])

/** The innermost state that contains all of these and equals none of them. */
export const sharedBox = (paths: ReadonlyArray<Path>): Path => {
  const [first = []] = paths
  const lengths = [...first.keys()].filter((length) =>
    paths.every((path) => length < path.length && isWithin(path, first.slice(0, length)))
  )
  return first.slice(0, lengths.at(-1) ?? 0)
}
