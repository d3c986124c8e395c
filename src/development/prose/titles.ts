/** What the title of a test must be: a full statement that names its subject. */

/** A title that begins with one of these words needs its surroundings for the subject. */
const withoutSubject =
  /^(?:is|are|was|were|be|has|have|had|can|may|must|does|do|did|of|from|to|for|in|on|with|by|at|as|and|or|but|not|never|that|which|whose|who)\b/i

const titleWordsMin = 3

/** What is wrong with the title of a test. */
export const titleFaults = (title: string): ReadonlyArray<string> => {
  const faults: Array<string> = []
  const [first] = withoutSubject.exec(title) ?? []
  if (first !== undefined) faults.push(`a test title begins with "${first}": name the subject first`)
  const words = title.trim().split(/\s+/).length
  if (words < titleWordsMin) faults.push(`a test title has ${words} words: state what happens`)
  return faults
}
