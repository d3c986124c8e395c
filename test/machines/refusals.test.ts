/** The table of refusals agrees with the machine: each operation is refused with the listed codes and no others. */
import { describe, expect, it } from "vitest"
import { freeze, revive } from "../../machines/cmk.ts"
import { asymmetricVersionsMax, decide, refusalOf, rules } from "../../machines/permits.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import { refusalCodes } from "../../machines/refusals.ts"
import { births, explorationOf } from "./explore.ts"
import { addVersion, day } from "./keys.ts"

const isKeyOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)
const operations = Object.keys(rules).filter(isKeyOperation)

/** The search does not count so many versions. */
const fullOfVersions = (): string | undefined => {
  for (const [, input] of births) {
    for (const { snapshot, now } of explorationOf(input).configurations) {
      const stored = freeze(snapshot)
      const full = revive({ ...stored, context: { ...stored.context, versionCount: asymmetricVersionsMax } })
      const verdict = decide(full, addVersion(now + 8 * day))
      if (verdict._tag === "Refusal" && verdict.code === "Rejected.LimitExceeded") return verdict.code
    }
  }
  return undefined
}

const found = new Map<string, Set<string>>(operations.map((name) => [name, new Set()]))
for (const [, input] of births) {
  const { configurations, steps } = explorationOf(input)
  for (const { snapshot } of configurations) {
    for (const operation of operations) {
      const refusal = refusalOf(operation, snapshot)
      if (refusal !== undefined) found.get(operation)?.add(refusal.code)
    }
  }
  for (const { event, verdict } of steps) if (verdict._tag === "Refusal") found.get(event.type)?.add(verdict.code)
}

describe("the table of refusals", () => {
  it.each(operations)(
    "the table of refusals lists exactly the codes with which the machine refuses %s",
    (operation) => {
      const codes = new Set(found.get(operation))
      if (operation === "CreateKeyVersion") codes.add(String(fullOfVersions()))
      expect([...codes].toSorted()).toEqual([...refusalCodes[operation]].toSorted())
    }
  )
})
