/** The rotation policies that the console offers, and the present one of a key. */
import type { KeyRow } from "../../protocol.ts"
import { interval } from "../data/time.ts"
import { t } from "../text/text.ts"

type RotationChoice = readonly [value: string, word: string]
type Rotating = Pick<KeyRow, "rotation" | "rotationInterval">

/** In days. */
export const intervals = [7, 30, 90, 180, 365]

const secondsOfDay = 86_400

const secondsOf = (text: string): number => Number(/^([0-9]+)s$/.exec(text)?.[1])

/** The service answers with seconds: `7776000s` is the choice `90d`. */
const choiceOf = (rotationInterval: string): string => {
  const days = secondsOf(rotationInterval) / secondsOfDay
  return Number.isInteger(days) ? `${days}d` : rotationInterval
}

const wordOf = (rotationInterval: string): string => {
  const days = secondsOf(rotationInterval) / secondsOfDay
  return Number.isInteger(days)
    ? t("Every {days} days", { days })
    : t("Every {span}", { span: interval(rotationInterval) })
}

/** The policy that the key has. */
export const presentRotation = ({ rotation, rotationInterval }: Rotating): string =>
  rotation === "Disabled" || rotationInterval === "" ? "off" : choiceOf(rotationInterval)

/** A key may have an interval that the console does not offer; it is the last choice. */
export const rotationChoices = (row: Rotating): ReadonlyArray<RotationChoice> => {
  const offered: ReadonlyArray<RotationChoice> = [
    ["off", t("Off")],
    ...intervals.map((days) => [`${days}d`, t("Every {days} days", { days })] as const)
  ]
  const present = presentRotation(row)
  return offered.some(([value]) => value === present) ? offered : [...offered, [present, wordOf(row.rotationInterval)]]
}

export const rotationPolicyOf = (chosen: string): Readonly<Record<string, string>> =>
  chosen === "off"
    ? { EnableAutomaticRotation: "false" }
    : { EnableAutomaticRotation: "true", RotationInterval: chosen }
