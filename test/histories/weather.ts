/** A store with delays: other fibers run before each call, and before its answer arrives. */
import { Effect, Latch } from "effect"
import { StoreUnavailable } from "../../src/store/driver.ts"
import type { StoreDriver, StoreFailure } from "../../src/store/driver.ts"

/** Faults between a node and its store. */
export type Fault = "none" | "pause" | "lost" | "away"
export const faults: ReadonlyArray<Fault> = ["none", "pause", "lost", "away"]

/** A stream of numbers below 1 that follows from its seed (mulberry32). */
export const numbersFrom = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export interface Weather {
  readonly driver: StoreDriver
  /** Stops every call of this node at its next step, as SIGSTOP would. */
  readonly pause: Effect.Effect<void>
  readonly goOn: Effect.Effect<void>
  /** Whether every call fails. */
  readonly setAway: (isAway: boolean) => void
  /** The probability that the answer of a commit is lost. */
  readonly setLost: (chance: number) => void
}

const yieldsMax = 12

const away = (): StoreUnavailable => new StoreUnavailable({ reason: "Unreachable", message: "The store is away." })

const answerLost = (): StoreUnavailable =>
  new StoreUnavailable({ reason: "Unreachable", message: "The answer is lost.", outcome: "Unknown" })

/** A node's connection to a shared store. `isProven` says whether the node knows of other nodes. */
export const weatherOver = (shared: StoreDriver, random: () => number, isProven: boolean): Effect.Effect<Weather> =>
  Effect.map(Latch.make(true), (running) => {
    let isAway = false
    let lostChance = 0
    const someTime = Effect.suspend(() => {
      const yields = Array.from({ length: Math.floor(random() * yieldsMax) })
      return Effect.andThen(
        Effect.forEach(yields, () => Effect.yieldNow, { discard: true }),
        running.await
      )
    })
    const reached = Effect.suspend(() => (isAway ? Effect.fail(away()) : Effect.void))
    const over = <A, E>(call: Effect.Effect<A, E>): Effect.Effect<A, E | StoreFailure> =>
      someTime.pipe(Effect.andThen(reached), Effect.andThen(call), Effect.tap(someTime))
    const lost = Effect.suspend(() => (random() < lostChance ? Effect.fail(answerLost()) : Effect.void))
    const ability = shared.abilities?.shared
    const driver: StoreDriver = {
      get: (table, id) => over(shared.get(table, id)),
      scan: (scan) => over(shared.scan(scan)),
      count: (range) => over(shared.count(range)),
      commit: (plan) => Effect.andThen(over(shared.commit(plan)), lost),
      ...(isProven && ability !== undefined
        ? {
            abilities: {
              shared: {
                prove: (question) => over(ability.prove(question)),
                claimDue: (claim) => over(ability.claimDue(claim)),
                nodes: ability.nodes
              }
            }
          }
        : {})
    }
    return {
      driver,
      pause: running.close,
      goOn: running.open,
      setAway: (next) => {
        isAway = next
      },
      setLost: (chance) => {
        lostChance = chance
      }
    }
  })
