/** The rotation policies that the console offers. */

export const rotationChoices = [
  ["off", "Off"],
  ["7d", "Every 7 days"],
  ["30d", "Every 30 days"],
  ["90d", "Every 90 days"],
  ["180d", "Every 180 days"],
  ["365d", "Every 365 days"]
] as const

export const rotationPolicyOf = (chosen: string): Readonly<Record<string, string>> =>
  chosen === "off"
    ? { EnableAutomaticRotation: "false" }
    : { EnableAutomaticRotation: "true", RotationInterval: chosen }
