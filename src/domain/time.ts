/** Times in the format of the API: `2026-11-24T10:00:00Z`, UTC, whole seconds. Internally, times are milliseconds. */

const wire = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export const formatInstant = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

/** Milliseconds of a time in exactly the API's format; undefined for other text and for impossible dates. */
export const parseInstant = (text: string): number | undefined => {
  if (!wire.test(text)) return undefined
  const millis = Date.parse(text)
  // Date.parse carries the 30th of February and the hour 24 into the next day. Any other text that it accepts is a real
  // date.
  return new Date(millis).getUTCDate() === Number(text.slice(8, 10)) ? millis : undefined
}

const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3})?Z)?$/

/** Milliseconds of a day, a second or a millisecond in UTC: the forms that people use for a start time. */
export const parseMoment = (text: string): number | undefined => {
  const millis = moment.test(text) ? Date.parse(text) : Number.NaN
  // Some parsers carry an impossible day into the next month.
  return Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(text.replace(/Z$/, "")) ? undefined : millis
}
