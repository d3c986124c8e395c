/** The workers of a server, as their parent process sees them. */
import cluster from "node:cluster"
import type { Worker } from "node:cluster"
import { isSea } from "node:sea"
import { Effect, Option } from "effect"
import { lasting, merged } from "../../../monitoring/merge.ts"
import { single } from "../../../monitoring/series.ts"
import type { Sample } from "../../../monitoring/series.ts"
import { workerVariable } from "./membership.ts"
import { fromWorker } from "./messages.ts"
import type { FromWorker, ToWorker } from "./messages.ts"

type Samples = ReadonlyArray<Sample>

/** How a worker ended, as reported by Node. */
export interface End {
  readonly code: number | null
  readonly signal: string | null
  readonly ranMillis: number
}

export interface RunningWorker {
  readonly number: number
  /** Resolves when the process has ended. */
  readonly ended: Promise<End>
  /** Resolves when the worker accepts connections. */
  readonly listens: Promise<void>
  /** Resolves when the worker has printed that the server is ready. */
  readonly announced: Promise<void>
  readonly send: (message: ToWorker) => void
  readonly signal: (name: NodeJS.Signals) => void
}

interface Member extends RunningWorker {
  isListening: boolean
  /** The latest samples. */
  samples: Samples
  readonly questions: Map<number, (samples: Samples) => void>
}

export interface WorkerSet {
  /** Starts the worker with this number. */
  readonly start: (number: number) => RunningWorker
  /** The workers that have not ended. */
  readonly all: () => ReadonlyArray<RunningWorker>
  /** From now on, new workers know that all workers have listened once. */
  readonly begun: () => void
}

/** A worker that does not answer within this time is represented by its latest samples. */
const sampleMillisMax = 1000

interface State {
  readonly wanted: number
  readonly members: Set<Member>
  /** Counters of workers that ended. */
  departed: Samples
  restarts: number
  questions: number
  hasStarted: boolean
}

const makeMember = (state: State, worker: Worker, number: number): Member => {
  const startedAt = performance.now()
  const listens = Promise.withResolvers<void>()
  const announced = Promise.withResolvers<void>()
  const ended = Promise.withResolvers<End>()
  const member: Member = {
    number,
    listens: listens.promise,
    announced: announced.promise,
    ended: ended.promise,
    // A worker may end while a message is on its way to it; ignore that error.
    send: (message) => void worker.send(message, undefined, () => undefined),
    signal: (name) => void worker.process.kill(name),
    isListening: false,
    samples: [],
    questions: new Map()
  }
  const heard: { readonly [Kind in FromWorker["kind"]]: (message: Extract<FromWorker, { kind: Kind }>) => void } = {
    listens: () => {
      member.isListening = true
      listens.resolve()
      tellHeadcount(state)
    },
    announced: () => announced.resolve(),
    samples: ({ id, samples }) => {
      member.samples = samples
      member.questions.get(id)?.(samples)
    },
    exchange: ({ id, samples }) => {
      member.samples = samples
      void Effect.runPromise(
        Effect.map(othersOf(state, member), (others) => member.send({ kind: "others", id, samples: others }))
      )
    }
  }
  worker.on("message", (received: unknown) => {
    const message = fromWorker(received)
    // The compiler does not relate the kind of a message to its type.
    if (message !== undefined) (heard[message.kind] as (message: FromWorker) => void)(message)
  })
  worker.once("exit", (code: number | null, signal: string | null) => {
    state.members.delete(member)
    state.departed = lasting(merged([state.departed, member.samples]))
    tellHeadcount(state)
    ended.resolve({ code, signal, ranMillis: performance.now() - startedAt })
  })
  return member
}

const tellHeadcount = (state: State): void => {
  const { hasStarted, members, wanted } = state
  const listening = listeningIn(state)
  for (const { send } of members) send({ kind: "headcount", listening, wanted, hasStarted })
}

const samplesOf = (state: State, member: Member): Effect.Effect<Samples> =>
  Effect.callback<Samples>((resume) => {
    const id = state.questions++
    member.questions.set(id, (samples) => resume(Effect.succeed(samples)))
    member.send({ kind: "sample", id })
    return Effect.sync(() => void member.questions.delete(id))
  }).pipe(Effect.timeoutOption(sampleMillisMax), Effect.map(Option.getOrElse(() => member.samples)))

const listeningIn = ({ members }: State): number => [...members].filter(({ isListening }) => isListening).length

const ofServer = (state: State): Samples => [
  ...single("keystate_workers", listeningIn(state)),
  ...single("keystate_worker_restarts_total", state.restarts)
]

/** The samples of the other workers, of ended workers, and of the server. */
const othersOf = (state: State, asker: Member): Effect.Effect<ReadonlyArray<Samples>> => {
  const { departed } = state
  const others = [...state.members].filter((member) => member !== asker && member.isListening)
  return Effect.map(
    Effect.forEach(others, (member) => samplesOf(state, member), { concurrency: "unbounded" }),
    (samples) => [...samples, departed, ofServer(state)]
  )
}

/** Node starts a worker with the program's file and the words after it. A single executable has only the words. */
const startWorkersOfExecutable = (): void => {
  const [exec, ...args] = process.argv.slice(2)
  cluster.setupPrimary({ exec, args })
}

export const makeWorkerSet = (wanted: number): WorkerSet => {
  // Workers accept connections themselves. Node's other mode loses connections in transit to a worker that is killed.
  cluster.schedulingPolicy = cluster.SCHED_NONE
  if (isSea()) startWorkersOfExecutable()
  const state: State = { wanted, members: new Set(), departed: [], restarts: 0, questions: 0, hasStarted: false }
  return {
    start: (number) => {
      if (state.hasStarted) state.restarts++
      const member = makeMember(state, cluster.fork({ [workerVariable]: String(number) }), number)
      state.members.add(member)
      return member
    },
    all: () => [...state.members],
    begun: () => {
      state.hasStarted = true
      tellHeadcount(state)
    }
  }
}
