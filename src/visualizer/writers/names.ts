/** Names in the languages that take letters, digits and underscores only, without two states ever sharing one. */

/** Letters and digits stand for themselves; anything else, and the escape letter itself, is spelled by its code. */
export const plainPart = (key: string): string =>
  Array.from(key, (letter) =>
    /^[A-Ya-z0-9]$/u.test(letter) ? letter : `Z${(letter.codePointAt(0) ?? 0).toString(16)}z`
  ).join("")

/** `state.lifecycle.Enabled` as `state_lifecycle_Enabled`: the dots of an id separate what `plainPart` has spelled. */
export const plainName = (path: ReadonlyArray<string>): string => path.map(plainPart).join("_")

// oxlint-disable-next-line no-control-regex -- these are what is taken out
const controls = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g

/** One line of text for a terminal or a source file: nothing in it moves a cursor, turns text around or ends the line. */
export const oneLine = (text: string): string => text.toWellFormed().replaceAll(controls, "\ufffd")
