/** Parses vendor-specific mechanism numbers of a token: `SM4_GCM=0x8000A300`, or several in one text. */
import { incompleteness, isMechanismName, mechanismMax, mechanismNames } from "../../crypto/hsm/mechanisms.ts"
import type { MechanismName, Mechanisms } from "../../crypto/hsm/mechanisms.ts"

const numberOf = (text: string): number | undefined => {
  const number = /^(0x[0-9a-f]{1,8}|[0-9]{1,10})$/i.test(text) ? Number(text) : undefined
  return number !== undefined && number <= mechanismMax ? number : undefined
}

/** The numbers, or a sentence that describes the fault. */
export const mechanismsOf = (given: ReadonlyArray<string>): Mechanisms | string => {
  const numbers = new Map<MechanismName, number>()
  const settings = given.flatMap((text) => text.split(/[\s,]+/)).filter((setting) => setting !== "")
  for (const setting of settings) {
    const [, name = "", text = ""] = /^([^=]*)=(.*)$/.exec(setting) ?? []
    if (!isMechanismName(name)) {
      return `--hsm-mechanism takes NAME=NUMBER, not ${setting}. The names are ${mechanismNames.join(", ")}.`
    }
    const number = numberOf(text)
    if (number === undefined)
      return `--hsm-mechanism ${name} takes a number of at most 32 bits, decimal or 0x, not "${text}".`
    if (numbers.has(name)) return `--hsm-mechanism ${name} is given twice.`
    numbers.set(name, number)
  }
  const mechanisms: Mechanisms = Object.fromEntries(numbers)
  const lack = incompleteness(mechanisms)
  return lack === undefined ? mechanisms : `--hsm-mechanism: ${lack}`
}
