/** Bursts against a correct service that executes calls late, and whose answers arrive out of order. */
import { setImmediate as turn } from "node:timers/promises"
import { expect, it } from "vitest"
import type { KmsAdapter } from "../../src/conformance/adapters/adapter.ts"
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import { counterexampleText } from "../../src/conformance/report/terminal.ts"
import { runConformance } from "../../src/conformance/run/run.ts"

const turnsMax = 12

/** Numbers of turns, always the same for a seed. */
const drawn = (seed: number): (() => number) => {
  let state = seed
  return () => {
    state = (state * 48_271) % 2_147_483_647
    return state % turnsMax
  }
}

const wait = async (turns: number): Promise<void> => {
  for (let count = 0; count < turns; count++) await turn()
}

const late = (seed: number): KmsAdapter => {
  const correct = inProcess()
  const next = drawn(seed)
  return {
    ...correct,
    call: async (...asked) => {
      await wait(next())
      const answer = await correct.call(...asked)
      await wait(next())
      return answer
    }
  }
}

it.each([1, 4])("a correct service with late answers breaks no law in bursts (seed %i)", async (seed) => {
  const report = await runConformance(late(seed), { phases: ["bursts"], runs: 60, seed: String(seed) })
  expect(report.counterexamples.map(counterexampleText)).toEqual([])
  expect(report.verdict).toBe("pass")
})
