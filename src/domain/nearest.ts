/** Finds the known word that a misspelt word most likely stands for. */

/** The number of letters to add, remove or replace to change one word into the other (Levenshtein). */
const distance = (one: string, other: string): number => {
  let row = Array.from({ length: other.length + 1 }, (_, at) => at)
  for (const [at, letter] of [...one].entries()) {
    const next = [at + 1]
    for (const [place, wanted] of [...other].entries()) {
      const replaced = (row[place] ?? 0) + (letter === wanted ? 0 : 1)
      next.push(Math.min((row[place + 1] ?? 0) + 1, (next[place] ?? 0) + 1, replaced))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

/** Undefined if the words differ in more than a third of their letters. */
export const nearest = (word: string, known: ReadonlyArray<string>): string | undefined => {
  const given = word.toLowerCase()
  const [first] = known
    .map((name) => ({ name, far: distance(given, name.toLowerCase()) }))
    .filter(({ far, name }) => far <= Math.ceil(Math.max(given.length, name.length) / 3))
    .toSorted((one, other) => one.far - other.far)
  return first?.name
}

/** `Did you mean "clock"?`, or the list of known words if none is near. */
export const suggestion = (word: string, known: ReadonlyArray<string>): string => {
  const name = nearest(word, known)
  return name === undefined ? `The known ones are ${known.join(", ")}.` : `Did you mean "${name}"?`
}
