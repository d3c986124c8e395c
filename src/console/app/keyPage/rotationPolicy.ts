/** The rotation policies that the console offers. */
import { t } from "../text/text.ts"

const intervals = [7, 30, 90, 180, 365]

export const rotationChoices = (): ReadonlyArray<readonly [value: string, word: string]> => [
  ["off", t("Off")],
  ...intervals.map((days) => [`${days}d`, t("Every {days} days", { days })] as const)
]

export const rotationPolicyOf = (chosen: string): Readonly<Record<string, string>> =>
  chosen === "off"
    ? { EnableAutomaticRotation: "false" }
    : { EnableAutomaticRotation: "true", RotationInterval: chosen }
