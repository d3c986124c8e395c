/** Histories of several engines over one store: under every fault, the answers of each register have one valid order. */
import { Effect, Logger } from "effect"
import { describe, expect, it } from "vitest"
import { historyText, isSound, playRound } from "./history.ts"
import { faults } from "./weather.ts"
import type { Fault } from "./weather.ts"

const played = (nodes: number, fault: Fault, isProven: boolean) =>
  Effect.runPromise(
    playRound({ seed: nodes, nodes, fault, isProven, operationsPerRegister: 40, clients: 8 }).pipe(
      Effect.provide(Logger.layer([]))
    )
  )

const troubles = { none: "nothing", pause: "pauses", lost: "lost answers", away: "a store out of reach" } as const

const rounds = [2, 3].flatMap((nodes) => faults.map((fault) => ({ nodes, fault, trouble: troubles[fault] })))

describe("histories of several engines", () => {
  it.each(rounds)(
    "histories of several engines are linearizable on $nodes nodes with $trouble",
    async ({ nodes, fault }) => {
      const { findings, histories } = await played(nodes, fault, true)
      expect(histories.filter((history) => !isSound(history)).map(historyText)).toEqual([])
      expect(findings).toEqual([])
    }
  )

  it("most histories are not linearizable when the engines do not ask for proof", async () => {
    const unproven = []
    for (const fault of ["none", "pause"] as const) unproven.push(...(await played(2, fault, false)).histories)
    expect(unproven.filter((history) => !isSound(history)).length).toBeGreaterThanOrEqual(unproven.length / 2)
  })
})
