/** The process that starts the workers of a server, replaces one that ends, and stops them. */
import { Console, Effect } from "effect"
import { Ending } from "../../output/ending.ts"
import type { ServeSettings } from "../serveFlags.ts"
import { serverLog } from "../serverLog.ts"
import { relayedSignals } from "../signals.ts"
import { makeWorkerSet } from "./workerSet.ts"
import type { WorkerSet, End, RunningWorker } from "./workerSet.ts"

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
const during = ({ ended }: RunningWorker, step: Promise<void>): Effect.Effect<void, Ending> =>
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
const begin = (workerSet: WorkerSet, wanted: number): Effect.Effect<ReadonlyArray<RunningWorker>, Ending> =>
  Effect.gen(function* () {
    const first = workerSet.start(1)
    yield* during(first, first.listens)
    const others = Array.from({ length: wanted - 1 }, (_none, index) => workerSet.start(index + 2))
    yield* Effect.forEach(others, (worker) => during(worker, worker.listens), { concurrency: "unbounded" })
    workerSet.begun()
    first.send({ kind: "announce", workers: wanted })
    yield* during(first, first.announced)
    return [first, ...others]
  })

/** Replaces a worker each time it ends. */
const keep = (workerSet: WorkerSet, started: RunningWorker): Effect.Effect<never> =>
  Effect.gen(function* () {
    let worker = started
    let earlyEnds = 0
    for (;;) {
      const { ended, number } = worker
      const end = yield* Effect.promise(() => ended)
      earlyEnds = end.ranMillis < earlyMillis ? earlyEnds + 1 : 0
      const pause = pauseAfter(earlyEnds)
      yield* Effect.annotateLogs(Effect.logWarning("a worker ended and starts again"), {
        worker: number,
        end: howEnded(end),
        inMillis: pause
      })
      yield* Effect.sleep(pause)
      worker = workerSet.start(number)
    }
  })

/** Each worker answers its requests in progress, like a server with one process. */
const stop = (workerSet: WorkerSet): Effect.Effect<void> =>
  Effect.gen(function* () {
    const hands = workerSet.all()
    for (const { signal } of hands) signal("SIGTERM")
    yield* Effect.forEach(hands, ({ ended }) => Effect.promise(() => ended), { concurrency: "unbounded" })
  })

const toAll = (workerSet: WorkerSet, act: (worker: RunningWorker) => void) => (): void => {
  for (const worker of workerSet.all()) act(worker)
}

/** Runs a server with several workers until it is stopped. */
export const supervise = (settings: ServeSettings, wanted: number) =>
  Effect.gen(function* () {
    const workerSet = makeWorkerSet(wanted)
    yield* Effect.addFinalizer(() => Effect.logInfo("stopped"))
    yield* relayedSignals(settings, {
      hurry: toAll(workerSet, ({ send }) => send({ kind: "hurry" })),
      reload: toAll(workerSet, ({ signal }) => signal("SIGHUP"))
    })
    yield* Effect.addFinalizer(() => stop(workerSet))
    const hands = yield* begin(workerSet, wanted)
    const kept = Effect.forEach(hands, (worker) => keep(workerSet, worker), { concurrency: "unbounded", discard: true })
    return yield* Effect.onInterrupt(kept, () => Effect.logInfo("stopping"))
  }).pipe(Effect.scoped, Effect.provide(serverLog(settings)))
