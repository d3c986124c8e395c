/** Instants as the API writes them: `2026-11-24T10:00:00Z`, UTC, whole seconds. Inside, instants are milliseconds. */

const wire = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export const formatInstant = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

/** Milliseconds of a wire instant; undefined unless it is exactly in the API's form and names a real moment. */
export const parseInstant = (text: string): number | undefined => {
  if (!wire.test(text)) return undefined
  const millis = Date.parse(text)
  // The 30th of February and the hour 24 are carried into another day: of what is not NaN nothing else is.
  return new Date(millis).getUTCDate() === Number(text.slice(8, 10)) ? millis : undefined
}

const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3})?Z)?$/

/** Milliseconds of a day, a second or a millisecond in UTC: what people write to say since when. */
export const parseMoment = (text: string): number | undefined => {
  const millis = moment.test(text) ? Date.parse(text) : Number.NaN
  // A day that no month has is carried into the next one by some readers.
  return Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(text.replace(/Z$/, "")) ? undefined : millis
}
