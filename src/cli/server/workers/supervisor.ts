/** The process that starts the workers of a server, replaces one that ends, and stops them. */
import { Console, Effect } from "effect"
import { Ending } from "../../output/ending.ts"
import type { ServeSettings } from "../serveFlags.ts"
import { serverLog } from "../serverLog.ts"
import { relayedSignals } from "../signals.ts"
import { makeCrew } from "./crew.ts"
import type { Crew, End, Hand } from "./crew.ts"

/**
 * The delay before a worker is restarted doubles, from the first value to the longest, while the worker keeps ending
 * early.
 */
const pauseMillis = { first: 100, longest: 30_000 } as const
/** A worker that ran longer than this did not end early. */
const earlyMillis = 60_000

const pauseAfter = (earlyEnds: number): number =>
  Math.min(pauseMillis.first * 2 ** Math.max(0, earlyEnds - 1), pauseMillis.longest)

const howEnded = ({ code, signal }: End): string => (signal === null ? `exit code ${code}` : `signal ${signal}`)

/** The exit code if a signal ended a worker during the start. */
const killedCode = 70

/** A worker prints why it ended, unless it was killed. */
const startFailed = (end: End): Effect.Effect<never, Ending> =>
  Effect.andThen(
    end.signal === null
      ? Effect.void
      : Console.error(`keystate: a worker ended by ${howEnded(end)} before it was ready.`),
    Effect.fail(new Ending({ exit: end.code ?? killedCode }))
  )

/** Waits for a step of a worker's start. The start fails if the worker ends first. */
const during = ({ ended }: Hand, step: Promise<void>): Effect.Effect<void, Ending> =>
  Effect.raceFirst(
    Effect.promise(() => step),
    Effect.flatMap(
      Effect.promise(() => ended),
      startFailed
    )
  )

/**
 * The first worker creates the store and the certificate, so the others start after it. The first also prints the
 * banner.
 */
const begin = (crew: Crew, wanted: number): Effect.Effect<ReadonlyArray<Hand>, Ending> =>
  Effect.gen(function* () {
    const first = crew.start(1)
    yield* during(first, first.listens)
    const others = Array.from({ length: wanted - 1 }, (_none, index) => crew.start(index + 2))
    yield* Effect.forEach(others, (hand) => during(hand, hand.listens), { concurrency: "unbounded" })
    crew.begun()
    first.send({ kind: "announce", workers: wanted })
    yield* during(first, first.announced)
    return [first, ...others]
  })

/** Replaces a worker each time it ends. */
const keep = (crew: Crew, started: Hand): Effect.Effect<never> =>
  Effect.gen(function* () {
    let hand = started
    let earlyEnds = 0
    for (;;) {
      const { ended, number } = hand
      const end = yield* Effect.promise(() => ended)
      earlyEnds = end.ranMillis < earlyMillis ? earlyEnds + 1 : 0
      const pause = pauseAfter(earlyEnds)
      yield* Effect.annotateLogs(Effect.logWarning("a worker ended and starts again"), {
        worker: number,
        end: howEnded(end),
        inMillis: pause
      })
      yield* Effect.sleep(pause)
      hand = crew.start(number)
    }
  })

/** Each worker answers its requests in progress, like a server with one process. */
const stop = (crew: Crew): Effect.Effect<void> =>
  Effect.gen(function* () {
    const hands = crew.all()
    for (const { signal } of hands) signal("SIGTERM")
    yield* Effect.forEach(hands, ({ ended }) => Effect.promise(() => ended), { concurrency: "unbounded" })
  })

const toAll = (crew: Crew, act: (hand: Hand) => void) => (): void => {
  for (const hand of crew.all()) act(hand)
}

/** Runs a server with several workers until it is stopped. */
export const supervise = (settings: ServeSettings, wanted: number) =>
  Effect.gen(function* () {
    const crew = makeCrew(wanted)
    yield* Effect.addFinalizer(() => Effect.logInfo("stopped"))
    yield* relayedSignals(settings, {
      hurry: toAll(crew, ({ send }) => send({ kind: "hurry" })),
      reload: toAll(crew, ({ signal }) => signal("SIGHUP"))
    })
    yield* Effect.addFinalizer(() => stop(crew))
    const hands = yield* begin(crew, wanted)
    const kept = Effect.forEach(hands, (hand) => keep(crew, hand), { concurrency: "unbounded", discard: true })
    return yield* Effect.onInterrupt(kept, () => Effect.logInfo("stopping"))
  }).pipe(Effect.scoped, Effect.provide(serverLog(settings)))
