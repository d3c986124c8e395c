/** The machine's own step agrees with XState's public functions, so a change in XState is noticed. */
import { initialTransition, transition } from "xstate"
import { describe, expect, it } from "vitest"
import { cmkMachine, create } from "../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import { fastTransition } from "../../machines/fastTransition.ts"
import { births, explorationOf } from "./explore.ts"
import { symmetric } from "./keys.ts"

interface Action {
  readonly type: string
  readonly params: unknown
}

const fast = fastTransition(cmkMachine, symmetric)

const stepOf = (snapshot: CmkSnapshot, event: CmkEvent): readonly [CmkSnapshot, ReadonlyArray<Action>] => {
  const actions: Array<Action> = []
  return [fast(snapshot, event, (action) => actions.push(action)), actions]
}

/** A snapshot and its actions without functions and machine. */
const plain = ([{ value, context, status, tags, children, error, output }, actions]: readonly [
  CmkSnapshot,
  ReadonlyArray<Action>
]) => ({
  snapshot: { value, context, status, tags: [...tags].sort(), children, error, output },
  actions: actions.map(({ type, params }) => ({ type, params }))
})

describe.each(births)("fastTransition of a key that is %s", (_name, input) => {
  it("fastTransition agrees with `transition` of XState in every configuration, for every event", () => {
    const { steps } = explorationOf(input)
    for (const { from, event } of steps) {
      const public_ = plain(transition(cmkMachine, from.snapshot, event))
      expect(plain(stepOf(from.snapshot, event)), `${event.type} in ${JSON.stringify(from)}`).toEqual(public_)
    }
    expect(steps.length).toBeGreaterThan(0)
  })

  it("fastTransition starts with the snapshot of XState's `initialTransition`", () => {
    const { next, commands } = create(input)
    const [first, actions] = initialTransition(cmkMachine, input)
    expect(plain([next, []])).toEqual(plain([first, []]))
    expect(commands).toEqual(actions.map(({ params }) => params))
  })
})
