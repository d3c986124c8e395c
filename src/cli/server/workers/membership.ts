/** The worker's connection to its parent process. */
import cluster from "node:cluster"
import { Deferred, Effect, Option } from "effect"
import type { Sample } from "../../../monitoring/series.ts"
import type { Headcount, OtherWorkers } from "../../../monitoring/workers.ts"
import { toWorker } from "./messages.ts"
import type { FromWorker } from "./messages.ts"

/** The environment variable with the worker's number, from 1. */
export const workerVariable = "KEYSTATE_WORKER"

export const isWorker = (): boolean => cluster.isWorker && process.env[workerVariable] !== undefined

/** How long a scrape of a worker waits for the samples of the others. */
const exchangeMillisMax = 2000

type Samples = ReadonlyArray<Sample>

export interface Membership {
  /** This worker's number, from 1. A replacement worker keeps the number. */
  readonly number: number
  readonly others: OtherWorkers
  /**
   * Reports that this worker listens. Returns the number of workers if this worker must print the banner; otherwise
   * never returns.
   */
  readonly turnToAnnounce: Effect.Effect<number>
  /** Reports that the banner was printed. */
  readonly announced: Effect.Effect<void>
  /** Whether the server must no longer wait for its clients. */
  readonly isHurried: () => boolean
}

/** If sending fails, the parent has gone and this process ends. */
const tell = (message: FromWorker): void => void process.send?.(message, undefined, undefined, () => undefined)

interface State {
  headcount: Headcount
  isHurried: boolean
  own: Effect.Effect<Samples>
  exchanges: number
  readonly waiting: Map<number, (others: ReadonlyArray<Samples>) => void>
}

const exchange = (state: State, samples: Samples): Effect.Effect<ReadonlyArray<Samples>> =>
  Effect.callback<ReadonlyArray<Samples>>((resume) => {
    const id = state.exchanges++
    state.waiting.set(id, (others) => resume(Effect.succeed(others)))
    tell({ kind: "exchange", id, samples })
    return Effect.sync(() => void state.waiting.delete(id))
  }).pipe(Effect.timeoutOption(exchangeMillisMax), Effect.map(Option.getOrElse((): ReadonlyArray<Samples> => [])))

/** Reads the parent's messages from now on. */
export const joinServer: Effect.Effect<Membership> = Effect.gen(function* () {
  const turn = yield* Deferred.make<number>()
  const run = Effect.runForkWith(yield* Effect.context<never>())
  const state: State = {
    headcount: { listening: 0, wanted: 1, hasStarted: false },
    isHurried: false,
    own: Effect.succeed([]),
    exchanges: 0,
    waiting: new Map()
  }
  process.on("message", (received) => {
    const message = toWorker(received)
    switch (message?.kind) {
      case "announce":
        return void run(Deferred.succeed(turn, message.workers))
      case "hurry":
        state.isHurried = true
        return
      case "headcount":
        state.headcount = message
        return
      case "sample":
        return void run(Effect.map(state.own, (samples) => tell({ kind: "samples", id: message.id, samples })))
      case "others":
        state.waiting.get(message.id)?.(message.samples)
        state.waiting.delete(message.id)
        return
      case undefined:
        return
      default:
        return message satisfies never
    }
  })
  return {
    number: Number(process.env[workerVariable]),
    others: {
      headcount: () => state.headcount,
      exchange: (own) => exchange(state, own),
      answerWith: (own) =>
        Effect.sync(() => {
          state.own = own
        })
    },
    turnToAnnounce: Effect.andThen(
      Effect.sync(() => tell({ kind: "listens" })),
      Deferred.await(turn)
    ),
    announced: Effect.sync(() => tell({ kind: "announced" })),
    isHurried: () => state.isHurried
  }
})
