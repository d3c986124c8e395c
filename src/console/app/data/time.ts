/** Instants and spans as text. */
import { t } from "../text/text.ts"
export { absolute, fieldText, timeOfField } from "./zone.ts"

const second = 1000
const minute = 60 * second
const hour = 60 * minute
export const day = 24 * hour

export const iso = (millis: number): string => new Date(millis).toISOString()

const units = [
  ["{count} y", 365 * day],
  ["{count} d", day],
  ["{count} h", hour],
  ["{count} min", minute],
  ["{count} s", second]
] as const

/** The two largest units: `6 d 23 h`. */
const span = (millis: number): string => {
  const rest = Math.abs(millis)
  const first = units.findIndex(([, size]) => rest >= size)
  if (first < 0) return t("{count} s", { count: 0 })
  const [text, size] = units[first] ?? ["{count} s", second]
  const whole = Math.floor(rest / size)
  const next = units[first + 1]
  const more = next === undefined ? 0 : Math.floor((rest - whole * size) / next[1])
  const large = t(text, { count: whole })
  return more === 0 || next === undefined ? large : `${large} ${t(next[0], { count: more })}`
}

/** `in 6 d 23 h`, `2 h ago`, `now`. */
export const relative = (millis: number, now: number): string => {
  const distance = millis - now
  if (Math.abs(distance) < second) return t("now")
  return distance > 0 ? t("in {span}", { span: span(distance) }) : t("{span} ago", { span: span(distance) })
}

/** Milliseconds of the API's timestamps; undefined for an empty one. */
export const instant = (text: string): number | undefined => {
  const millis = text === "" ? Number.NaN : Date.parse(text)
  return Number.isNaN(millis) ? undefined : millis
}

/** `31536000s` as `365 d`. */
export const interval = (text: string): string => {
  const seconds = /^([0-9]+)s$/.exec(text)?.[1]
  return seconds === undefined ? text : span(Number(seconds) * second)
}
