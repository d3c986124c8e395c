/** Rotation intervals as the API writes them: a whole number and a unit, between 7 and 730 days. */
import { rotationIntervalSeconds } from "../domain/limits.ts"

const form = /^([1-9][0-9]{0,8})([dhms])$/
const secondsIn: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }

/** Milliseconds, or undefined if the text is not an interval or out of range. */
export const parseRotationInterval = (text: string): number | undefined => {
  const [, count, unit] = form.exec(text) ?? []
  if (count === undefined || unit === undefined) return undefined
  const seconds = Number(count) * (secondsIn[unit] ?? 0)
  return seconds >= rotationIntervalSeconds.minimum && seconds <= rotationIntervalSeconds.maximum
    ? seconds * 1000
    : undefined
}
