/** Years of a run: bursts of calls, and between or during them months that pass, with everything that comes due in them. */
import { Effect } from "effect"
import { cover, renewKeys } from "./cast.ts"
import type { Cast } from "./cast.ts"
import { client } from "./clients.ts"
import { askRoot, turnOff } from "./trouble.ts"

const dayMillis = 86_400_000
const yearMillis = 365.25 * dayMillis

/** A jump takes up to two years, so that a jump takes a year on average. */
const jumpMillisMax = 2 * yearMillis
/** How often time first goes to the next deadline, and how close, milliseconds. */
const closeShare = 0.5
const closeMillis = 2000
/** How often the jump happens during the burst, instead of after it. */
const besideShare = 0.5
/** How often the machines are off during a jump of a real clock. Otherwise they are suspended. */
const offShare = 0.5
/** How often a client tries to move a virtual clock while nodes fail, and how long it waits, milliseconds. */
const movesMax = 6
const moveAgainMillis = 60

/** A client moves the virtual clock. Every deadline on the way is performed at its own time. */
const advance = Effect.fnUntraced(function* (cast: Cast, millis: number) {
  for (let moves = 0; moves < movesMax; moves++) {
    const up = cast.nodes.filter((node) => node.isUp())
    const parameters = { By: `${Math.max(1, Math.floor(millis / 1000))}s` }
    const code = up.length === 0 ? "down" : (yield* askRoot(cast, cast.world.pick(up), "AdvanceClock", parameters)).code
    if (code === "Success") return cover(cast, "years pass by the virtual clock")
    yield* Effect.sleep(moveAgainMillis)
  }
})

const beSuspended = (cast: Cast, millis: number): Effect.Effect<void> =>
  Effect.sync(() => {
    cover(cast, "years pass while machines are suspended")
    cast.world.suspend(millis)
  })

const beOff = (cast: Cast, millis: number): Effect.Effect<void> => {
  cover(cast, "years pass while machines are off")
  return turnOff(cast, millis)
}

const jump = (cast: Cast, millis: number): Effect.Effect<void> => {
  if (cast.scenario.clock === "virtual") return advance(cast, millis)
  return cast.world.random() < offShare ? beOff(cast, millis) : beSuspended(cast, millis)
}

/** Time goes to just before or after the next deadline, and goes on from there. */
const approach = (cast: Cast): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { durable, scenario, world } = cast
    const now = durable.clockTime()
    const dueAt = durable.nextDue(now + closeMillis)
    if (dueAt === undefined) return Effect.void
    const millis = dueAt - now + (world.random() * 2 - 1) * closeMillis
    return scenario.clock === "virtual" ? advance(cast, millis) : beSuspended(cast, millis)
  })

const passing = (cast: Cast): Effect.Effect<void> =>
  Effect.suspend(() => {
    const { world } = cast
    const millis = world.random() * jumpMillisMax
    const closely = world.random() < closeShare ? approach(cast) : Effect.void
    return Effect.andThen(closely, jump(cast, millis))
  })

/** Clients call until together they have made a number of calls of the run. */
const burst = (cast: Cast, calls: number): Effect.Effect<void> =>
  Effect.all(
    Array.from({ length: cast.scenario.clients }, () => client(cast, calls)),
    { concurrency: "unbounded", discard: true }
  )

const age = (cast: Cast, calls: number): Effect.Effect<void> =>
  Effect.suspend(() =>
    Effect.all([burst(cast, calls), passing(cast)], {
      concurrency: cast.world.random() < besideShare ? "unbounded" : 1,
      discard: true
    })
  )

/** One burst if the run is short. Otherwise a burst and a jump for each year. */
export const live = Effect.fnUntraced(function* (cast: Cast) {
  const { calls, years } = cast.scenario
  if (years === 0) return yield* burst(cast, calls)
  for (let year = 1; year <= years; year++) {
    yield* renewKeys(cast)
    yield* age(cast, Math.floor((calls * year) / years))
  }
})
