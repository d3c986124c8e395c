/** Turns laws into tests, one each. */
import { describe, it } from "vitest"
import type { Law } from "../src/conformance/partLaws.ts"

export const asTests = (name: string, laws: ReadonlyArray<Law>): void => {
  describe(name, () => {
    for (const [group, own] of Map.groupBy(laws, (law) => law.group)) {
      describe(group, () => {
        for (const { sentence, run } of own) it(sentence, run)
      })
    }
  })
}
