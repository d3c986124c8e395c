/** Rotation intervals as the API writes them: a whole number and a unit, between 7 and 730 days. */
import { rotationIntervalSeconds } from "../../domain/limits.ts"
import { invalid, missing, optional, text } from "../parameters.ts"

const form = /^([1-9][0-9]{0,8})([dhms])$/
const secondsIn: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 }

/** Milliseconds; undefined if the text is not an interval or out of range. */
export const parseRotationInterval = (text: string): number | undefined => {
  const [, count, unit] = form.exec(text) ?? []
  if (count === undefined || unit === undefined) return undefined
  const seconds = Number(count) * (secondsIn[unit] ?? 0)
  return seconds >= rotationIntervalSeconds.minimum && seconds <= rotationIntervalSeconds.maximum
    ? seconds * 1000
    : undefined
}

export const rotationInterval = optional(
  { ...text({ charsMax: 32 }), form: "number and unit, 7 to 730 days: `365d`, `8760h`" },
  "The rotation interval; required if rotation is enabled, otherwise ignored."
)

interface PolicyRequest {
  readonly EnableAutomaticRotation: boolean
  readonly RotationInterval: string | undefined
}

/** The fault of the requested policy. An interval is ignored if rotation is off. */
export const rotationConflict = ({ EnableAutomaticRotation, RotationInterval }: PolicyRequest) => {
  if (!EnableAutomaticRotation) return undefined
  if (RotationInterval === undefined) return missing("RotationInterval")
  return parseRotationInterval(RotationInterval) === undefined
    ? invalid("RotationInterval", rotationInterval.form)
    : undefined
}

/** The interval of a valid policy; null if rotation is off. */
export const rotationMillis = ({ EnableAutomaticRotation, RotationInterval = "" }: PolicyRequest): number | null => {
  if (!EnableAutomaticRotation) return null
  const millis = parseRotationInterval(RotationInterval)
  if (millis === undefined) throw new Error("a rotation policy is checked before it is set")
  return millis
}
