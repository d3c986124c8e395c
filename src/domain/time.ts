/** Times in the format of the API: `2026-11-24T10:00:00Z`, UTC, whole seconds. Internally, times are milliseconds. */

const wire = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/

export const formatInstant = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`

const digitZero = 48

const twoDigits = (text: string, at: number): number =>
  (text.charCodeAt(at) - digitZero) * 10 + text.charCodeAt(at + 1) - digitZero

/** Whether every month has the day, and the day has the hour. */
const isPlain = (day: number, hour: number): boolean => day <= 28 && hour <= 23

/** Milliseconds of a time in exactly the API's format; undefined for other text and for impossible dates. */
export const parseInstant = (text: string): number | undefined => {
  if (!wire.test(text)) return undefined
  const millis = Date.parse(text)
  if (Number.isNaN(millis)) return undefined
  const day = twoDigits(text, 8)
  // Date.parse carries the 30th of February and the hour 24 into the next day. Any other text that it accepts is a real
  // date.
  return isPlain(day, twoDigits(text, 11)) || new Date(millis).getUTCDate() === day ? millis : undefined
}

const moment = /^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}:\d{2}(\.\d{3})?Z)?$/

/** Milliseconds of a day, a second or a millisecond in UTC: the forms that people use for a start time. */
export const parseMoment = (text: string): number | undefined => {
  const millis = moment.test(text) ? Date.parse(text) : Number.NaN
  // Some parsers carry an impossible day into the next month.
  return Number.isNaN(millis) || !new Date(millis).toISOString().startsWith(text.replace(/Z$/, "")) ? undefined : millis
}
