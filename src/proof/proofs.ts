/** Proof that the data in this engine's memory is what the store holds, if other engines may change the store. */
import { Clock, Context, Effect, Exit, Layer } from "effect"
import type { Cause } from "effect"
import { accessVersionName, clockPositionName } from "../records/metaNames.ts"
import { Store } from "../store/store.ts"
import { distributionOver, observe } from "./distribution.ts"
import type { Distribution, Observed } from "./distribution.ts"
import { orUnusable } from "../store/unavailable.ts"
import type { StoreUnusable } from "../store/store.ts"
import type { NonceUse, ProofAnswer, RowName, SharedAbility, StoreFailure } from "../store/store.ts"

/** The most requests that share one question. */
const requestsPerQuestion = 256
/** The most questions in progress at once. With more, each would serve fewer requests. */
const questionsAtOnce = 2

/**
 * A question fails within 2 seconds, and so must a request. If questions fail while a request waits for this long, the
 * request fails too: it does not wait for a further question.
 */
const waitMillisMax = 150

/** Rows that every request depends on: every question asks for them first. */
const standingRows: ReadonlyArray<RowName> = [
  { table: "meta", id: [accessVersionName] },
  { table: "meta", id: [clockPositionName] }
]

/** The question of one request. */
export interface ProofAsked {
  readonly rows: ReadonlyArray<RowName>
  readonly nonce?: NonceUse | undefined
}

/** The contents of the store at one time after the request asked. */
export interface Proof {
  /** The revisions of the requested rows, in order; undefined for a row that does not exist. */
  readonly revisions: ReadonlyArray<string | undefined>
  /** The number of the newest change of access control; undefined before the first. */
  readonly accessVersion: string | undefined
  /** The stored position of the lifecycle clock. */
  readonly clockPosition: string | undefined
  /** Whether the nonce is new; true if none was given. */
  readonly isFresh: boolean
  /** The store's clock, milliseconds. */
  readonly now: number
  /** The store may have forgotten nonces of requests with earlier timestamps, in milliseconds. */
  readonly era: number
}

export type AskProof = (asked: ProofAsked) => Effect.Effect<Proof, StoreFailure>

/** The cost of proofs so far. */
export interface ProofCounts {
  readonly questions: number
  readonly requests: number
  /** Seconds from a question to its answer or failure. */
  readonly seconds: Distribution
  /** The number of requests that shared a question. */
  readonly batches: Distribution
}

export class Proofs extends Context.Service<
  Proofs,
  {
    /** Undefined if this engine is the only one: its memory is correct, and no question is needed. */
    readonly ask: AskProof | undefined
    /**
     * The store's clock in milliseconds, as known from the answers so far: it is never ahead. Engines that share a
     * store use this clock, so that no engine is early. Undefined if this engine is the only one.
     */
    readonly storeTime: (() => number) | undefined
    /** Called with each answer before the requests get it. */
    readonly onAnswer: (listener: (answer: Proof) => void) => void
    readonly counts: () => ProofCounts
  }
>()("keystate/proof/Proofs") {
  static readonly layer: Layer.Layer<Proofs, StoreUnusable, Store> = Layer.effect(
    Proofs,
    Effect.gen(function* () {
      const { shared } = yield* Store
      if (shared === undefined) return alone
      const clock = yield* Clock.Clock
      const desk: Desk = {
        shared,
        run: Effect.runForkWith(yield* Effect.context<never>()),
        steadyMillis: () => Number(clock.monotonicTimeNanosUnsafe()) / 1e6,
        waiting: [],
        inTheAir: 0,
        isSending: false,
        listeners: [],
        heard: { now: 0, at: 0 },
        seconds: distributionOver(secondsBounds),
        batches: distributionOver(batchBounds)
      }
      yield* orUnusable(ask(desk, { rows: [] }))
      return {
        ask: (asked) => ask(desk, asked),
        storeTime: () => storeTime(desk),
        onAnswer: (listener) => void desk.listeners.push(listener),
        counts: () => countsOf(desk)
      }
    })
  )
}

const secondsBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5]
const batchBounds = [1, 2, 4, 8, 16, 32, 64, 128, 256]

const countsOf = ({ batches, seconds }: Pick<Desk, "batches" | "seconds">): ProofCounts => ({
  questions: batches.total,
  requests: batches.sum,
  seconds,
  batches
})

const noCounts = countsOf({ seconds: distributionOver(secondsBounds), batches: distributionOver(batchBounds) })

const alone: Proofs["Service"] = {
  ask: undefined,
  storeTime: undefined,
  onAnswer: () => undefined,
  counts: () => noCounts
}

interface Waiting {
  readonly asked: ProofAsked
  /** The elapsed time at which it arrived. */
  readonly at: number
  readonly resume: (outcome: Effect.Effect<Proof, StoreFailure>) => void
}

/** Requests that wait for the next question. Requests that arrive while questions are in progress share it. */
interface Desk {
  readonly shared: SharedAbility
  readonly run: <A, E>(
    effect: Effect.Effect<A, E>
  ) => { addObserver: (observer: (exit: Exit.Exit<A, E>) => void) => void }
  readonly listeners: Array<(answer: Proof) => void>
  /** A counter of elapsed time. */
  readonly steadyMillis: () => number
  waiting: Array<Waiting>
  /** The latest time of the store in an answer, and the elapsed time when the answer arrived. */
  heard: { readonly now: number; readonly at: number }
  inTheAir: number
  /** Whether a question will be sent at the end of this tick. */
  isSending: boolean
  readonly seconds: Observed
  readonly batches: Observed
}

const ask = (desk: Desk, asked: ProofAsked): Effect.Effect<Proof, StoreFailure> =>
  Effect.callback((resume) => {
    const one: Waiting = { asked, resume, at: desk.steadyMillis() }
    desk.waiting.push(one)
    sendSoon(desk)
    return Effect.sync(() => {
      desk.waiting = desk.waiting.filter((other) => other !== one)
    })
  })

const nameOf = ({ table, id }: RowName): string => `${table} ${id.join("\u0000")}`

/** One question for several requests, with the position of each request's rows and nonce in the answer. */
class SharedQuestion {
  readonly rows: Array<RowName> = [...standingRows]
  readonly nonces: Array<NonceUse> = []
  readonly #places = new Map<string, number>()

  constructor() {
    for (const [place, row] of this.rows.entries()) this.#places.set(nameOf(row), place)
  }

  /** The positions of a request's rows and nonce. */
  add({ rows, nonce }: ProofAsked): Places {
    const places = rows.map((row) => this.#placeOf(row))
    return { rows: places, nonce: nonce === undefined ? undefined : this.nonces.push(nonce) - 1 }
  }

  #placeOf(row: RowName): number {
    const name = nameOf(row)
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const place = this.rows.push(row) - 1
    this.#places.set(name, place)
    return place
  }
}

interface Places {
  readonly rows: ReadonlyArray<number>
  readonly nonce: number | undefined
}

const noPlaces: Places = { rows: [], nonce: undefined }

const proofFor = ({ revisions, fresh, now, era }: ProofAnswer, { rows, nonce }: Places = noPlaces): Proof => ({
  revisions: rows.map((place) => revisions[place]),
  accessVersion: revisions[0],
  clockPosition: revisions[1],
  isFresh: nonce === undefined || fresh[nonce] === true,
  now,
  era
})

/** Whole milliseconds. Since the answer, the store's clock has advanced by at least the time that elapsed here. */
const storeTime = ({ heard, steadyMillis }: Desk): number => heard.now + Math.floor(steadyMillis() - heard.at)

const tellListeners = (desk: Desk, found: ProofAnswer): void => {
  const { listeners } = desk
  desk.heard = { now: found.now, at: desk.steadyMillis() }
  const proof = proofFor(found, noPlaces)
  for (const listener of listeners) listener(proof)
}

/** Requests from other connections that are read in the same tick share this question. */
const sendSoon = (desk: Desk): void => {
  if (desk.isSending || desk.inTheAir >= questionsAtOnce) return
  desk.isSending = true
  desk.run(
    Effect.andThen(
      Effect.yieldNow,
      Effect.sync(() => {
        desk.isSending = false
        if (desk.inTheAir < questionsAtOnce) send(desk)
      })
    )
  )
}

/** Fails the requests that waited for long while a question failed. */
const failLate = (desk: Desk, cause: Cause.Cause<StoreFailure>): void => {
  const now = desk.steadyMillis()
  const late = desk.waiting.filter(({ at }) => now - at > waitMillisMax)
  desk.waiting = desk.waiting.filter(({ at }) => now - at <= waitMillisMax)
  for (const { resume } of late) resume(Effect.failCause(cause))
}

/** Sends the waiting requests as one question. Only requests that arrived before it was sent get its answer. */
const send = (desk: Desk): void => {
  const batch = desk.waiting.splice(0, requestsPerQuestion)
  if (batch.length === 0) return
  const question = new SharedQuestion()
  const places = batch.map(({ asked }) => question.add(asked))
  desk.inTheAir++
  observe(desk.batches, batch.length)
  const sentAt = desk.steadyMillis()
  const { rows, nonces } = question
  desk.run(desk.shared.prove({ rows, nonces })).addObserver((exit) => {
    desk.inTheAir--
    observe(desk.seconds, (desk.steadyMillis() - sentAt) / 1000)
    if (exit._tag === "Success") tellListeners(desk, exit.value)
    else failLate(desk, exit.cause)
    for (const [at, { resume }] of batch.entries()) resume(Exit.map(exit, (found) => proofFor(found, places[at])))
    if (desk.waiting.length > 0) sendSoon(desk)
  })
}
