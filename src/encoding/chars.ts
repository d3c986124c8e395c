/** The counting of characters: Unicode code points, so that every character counts once. */

/** The number of characters of a text. Half of a surrogate pair counts as one. */
export const countChars = (text: string): number => {
  let count = 0
  for (const _char of text) count++
  return count
}

/** Whether a text has at most a number of characters. Most texts are short and need not be counted. */
export const isWithin = (text: string, charsMax: number): boolean =>
  text.length <= charsMax || (text.length <= 2 * charsMax && countChars(text) <= charsMax)
