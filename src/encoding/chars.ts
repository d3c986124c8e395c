/** How the service counts characters: Unicode code points, so that every character counts once. */

/** Characters of a text. Half of a surrogate pair counts as one too. */
export const countChars = (text: string): number => {
  let count = 0
  for (const _char of text) count++
  return count
}

/** Whether a text has at most so many characters. Most texts are short, and are not counted. */
export const isWithin = (text: string, charsMax: number): boolean =>
  text.length <= charsMax || (text.length <= 2 * charsMax && countChars(text) <= charsMax)
