/** A live XState actor of an inspector reaches the same state as the pure step. */
import { createActor } from "xstate"
import { describe, expect, it } from "vitest"
import { cmkMachine, freeze } from "../../machines/cmk.ts"
import { births, explorationOf } from "./explore.ts"

describe.each(births)("a live actor of a key that is %s", (_name, input) => {
  it("a live actor reaches the state of the decision, from every configuration and by every accepted event", () => {
    for (const { from, event, verdict } of explorationOf(input).steps) {
      if (verdict._tag !== "Decision") continue
      const actor = createActor(cmkMachine, { input, snapshot: from.snapshot }).start()
      actor.send(event)
      const { value, context, status } = actor.getSnapshot()
      actor.stop()
      expect({ value, context, status }).toEqual({ ...freeze(verdict.next), status: "active" })
    }
    expect(explorationOf(input).steps.length).toBeGreaterThan(0)
  })
})
