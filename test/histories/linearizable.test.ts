/** The linearizability checker accepts exactly the histories that some order explains. */
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { isLinearizable } from "../../src/conformance/histories/linearizable.ts"
import type { Operation } from "../../src/conformance/histories/linearizable.ts"

type History = ReadonlyArray<Operation<string>>

const write = (began: number, ended: number, state: string): Operation<string> => ({
  began,
  ended,
  leaves: { state },
  says: `write ${state}`
})
const read = (began: number, ended: number, state: string): Operation<string> => ({
  began,
  ended,
  when: (now) => now === state,
  says: `read ${state}`
})
const never = Number.POSITIVE_INFINITY

/** A change whose outcome depends on the state before. */
const toggle = (began: number, ended: number): Operation<string> => ({
  began,
  ended,
  next: (now) => (now === "a" ? "b" : "a"),
  says: "toggle"
})

/** A change of one state into the other, which is refused in every other state. */
const writeFrom = (began: number, ended: number, state: string): Operation<string> => ({
  ...write(began, ended, state === "a" ? "b" : "a"),
  when: (now) => now === state
})

const good: Readonly<Record<string, History>> = {
  "no operation": [],
  "a read of the first state": [read(0, 1, "a")],
  "a write and a later read": [write(0, 1, "b"), read(2, 3, "b")],
  "a read of the old state during a write": [write(0, 9, "b"), read(1, 2, "a")],
  "reads of both states during a write, the old one first": [write(0, 9, "b"), read(1, 2, "a"), read(3, 4, "b")],
  "two writes at once, read in either order": [write(0, 9, "b"), write(0, 9, "c"), read(10, 11, "b")],
  "an unknown write that happened": [write(0, never, "b"), read(5, 6, "b")],
  "an unknown write that never happened": [write(0, never, "b"), read(5, 6, "a")],
  "an unknown write that happens late": [write(0, never, "b"), read(5, 6, "a"), read(7, 8, "b")],
  "an unknown read": [write(0, 1, "b"), read(2, never, "a")],
  "two changes that depend on the state before": [toggle(0, 1), toggle(2, 3), read(4, 5, "a")],
  "an unknown change that depends on the state before": [toggle(0, never), read(2, 3, "b")],
  "a write that needs a state, after it": [
    { ...write(2, 3, "c"), when: (now) => now === "b" },
    write(0, 1, "b"),
    read(4, 5, "c")
  ]
}

const bad: Readonly<Record<string, History>> = {
  "a read of a state that never was": [read(0, 1, "z")],
  "an old state after a write ended": [write(0, 1, "b"), read(2, 3, "a")],
  "the old state after the new one was read": [write(0, 9, "b"), read(1, 2, "b"), read(3, 4, "a")],
  "two writes at once that readers see in different orders": [
    write(0, 9, "b"),
    write(0, 9, "c"),
    read(10, 11, "b"),
    read(12, 13, "c")
  ],
  "an unknown write that is undone again": [write(0, never, "b"), read(1, 2, "b"), read(3, 4, "a")],
  "a change that depends on the state before and did not happen": [toggle(0, 1), read(2, 3, "a")],
  "an effect before its write began": [read(0, 1, "b"), write(2, 3, "b")],
  "a write that needs a state which never was": [{ ...write(0, 1, "c"), when: (now) => now === "b" }]
}

describe("the linearizability checker", () => {
  it.each(Object.entries(good))("the linearizability checker accepts %s", (_name, history) => {
    expect(isLinearizable(history, "a")).toBe(true)
  })

  it.each(Object.entries(bad))("the linearizability checker rejects %s", (_name, history) => {
    expect(isLinearizable(history, "a")).toBe(false)
  })

  /** Operations with the answers of a single register, each at one instant within its span. */
  const honest = fc
    .array(
      fc.record({ at: fc.nat(1000), before: fc.nat(60), after: fc.nat(60), value: fc.constantFrom("a", "b", "c") }),
      {
        maxLength: 40
      }
    )
    .map((steps) => {
      let now = "a"
      // Operations start and end at even instants, and take effect at odd ones, so that no two coincide.
      return steps
        .toSorted((left, right) => left.at - right.at)
        .map(({ at, before, after, value }, place): Operation<string> => {
          const span = [2 * (at - before) - place - 1, 2 * (at + after) + place + 1] as const
          if (place % 2 === 1) return read(...span, now)
          now = value
          return write(...span, value)
        })
    })

  it("the linearizability checker accepts the answers of a single register, with any overlap", () => {
    fc.assert(fc.property(honest, (history) => isLinearizable(history, "a")))
  })

  it("the linearizability checker agrees with a search of every order", () => {
    const everyOrder = (history: History, state: string): boolean =>
      history.every(({ ended }) => ended === never) ||
      history.some((one, at) => {
        const rest = history.filter((_other, place) => place !== at)
        if (rest.some(({ ended }) => ended < one.began) || one.when?.(state) === false) return false
        return everyOrder(rest, one.next?.(state) ?? one.leaves?.state ?? state)
      })
    const value = fc.constantFrom("a", "b")
    const make = fc.constantFrom(write, read, toggle, writeFrom)
    const operation = fc
      .record({ began: fc.nat(12), lasts: fc.oneof(fc.nat(6), fc.constant(never)), make, value })
      .map(({ began, lasts, make: made, value: state }) => made(began, began + lasts, state))
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 6 }), (history) => {
        const told = history.filter((one) => one.ended !== never || one.leaves !== undefined || one.next !== undefined)
        expect(isLinearizable(history, "a")).toBe(everyOrder(told, "a"))
      }),
      { numRuns: 2000 }
    )
  })

  it("the linearizability checker finishes for 400 operations, most of them simultaneous reads", () => {
    const history = Array.from({ length: 400 }, (_, n) =>
      n % 20 === 0 ? write(n * 10, n * 10 + 35, n % 40 === 0 ? "b" : "a") : read(n * 10, n * 10 + 200, "a")
    )
    expect(isLinearizable(history, "a")).toBe(true)
  })

  it("the linearizability checker finishes for 60 operations, 30 of them writes without an answer", () => {
    const values = ["b", "c", "d"] as const
    const unknown = Array.from({ length: 30 }, (_, n) => write(n * 3, never, values[n % 3] ?? "b"))
    const known = Array.from({ length: 30 }, (_, n) => read(n * 3 + 1, n * 3 + 4, n % 2 === 0 ? "a" : "b"))
    expect(isLinearizable([...unknown, ...known], "a")).toBe(false)
  })
  it("the linearizability checker finishes for 60 unanswered changes with effects that depend on the state", () => {
    const steps = new Map([
      ["a", "b"],
      ["b", "c"],
      ["c", "b"]
    ])
    const unknown = Array.from({ length: 60 }, (_, n): Operation<string> => {
      const from = ["a", "b", "c", "never"][n % 4]
      return { began: n, ended: never, next: (now) => (now === from ? (steps.get(now) ?? now) : now), says: "step" }
    })
    expect(isLinearizable([...unknown, read(61, 62, "c"), read(63, 64, "a")], "a")).toBe(false)
    expect(isLinearizable([...unknown, read(61, 62, "c"), read(63, 64, "b")], "a")).toBe(true)
  })
})
