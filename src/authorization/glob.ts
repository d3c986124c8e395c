/** Wildcards of the policy language: `*` is any run of characters, also none, and `?` is one character. */

/** As much of a string as matching needs. */
export type Characters = Pick<string, "length" | "charCodeAt" | "codePointAt">

const star = 0x2a
const question = 0x3f

/**
 * Whether the pattern describes the whole text. No expression is compiled from a pattern, and only the latest star is
 * ever tried again: what stands before it took the earliest place it fits, and no later one leaves more room. So a
 * character of the text is looked at once for each place the run after the latest star is tried at: no more than a
 * quarter of the text's length squared, however long the pattern and however many its stars.
 */
export const matchesGlob = (pattern: Characters, text: Characters): boolean => {
  let p = 0
  let t = 0
  let afterStar = -1
  let starEnd = 0
  while (t < text.length) {
    const wanted = p < pattern.length ? pattern.charCodeAt(p) : undefined
    if (wanted === star) {
      afterStar = ++p
      starEnd = t
      if (p === pattern.length) return true
    } else if (wanted === question) {
      p++
      t += charsOfPoint(text, t)
    } else if (wanted === text.charCodeAt(t)) {
      p++
      t++
    } else if (afterStar >= 0) {
      p = afterStar
      t = ++starEnd
    } else {
      return false
    }
  }
  while (p < pattern.length && pattern.charCodeAt(p) === star) p++
  return p === pattern.length
}

/** A character beyond the basic plane is two of the units a string counts. */
const charsOfPoint = (text: Characters, at: number): number => ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1)
