/** Proof that what this engine remembers is what the store holds, where other engines may change the store at any time. */
import { Clock, Context, Effect, Exit, Layer } from "effect"
import { accessVersionName, clockPositionName } from "../records/metaNames.ts"
import { Store } from "../store/store.ts"
import { distributionOver, observe } from "./distribution.ts"
import type { Distribution, Observed } from "./distribution.ts"
import { orUnusable } from "../store/unavailable.ts"
import type { StoreUnusable } from "../store/store.ts"
import type { NonceUse, ProofAnswer, RowName, SharedAbility, StoreFailure } from "../store/store.ts"

/** Requests that share one question, at most. */
const requestsPerQuestion = 256
/** Questions in the air at once, at most. With more, each would carry fewer requests. */
const questionsAtOnce = 2

/** What an engine remembers for all requests: every question names these rows first. */
const standingRows: ReadonlyArray<RowName> = [
  { table: "meta", id: [accessVersionName] },
  { table: "meta", id: [clockPositionName] }
]

/** What one request asks. */
export interface ProofAsked {
  readonly rows: ReadonlyArray<RowName>
  readonly nonce?: NonceUse | undefined
}

/** What the store held at one instant after the request asked. */
export interface Proof {
  /** The revisions of the rows that were asked for, in their order; undefined where there is no row. */
  readonly revisions: ReadonlyArray<string | undefined>
  /** The number of the newest change of access control; undefined before the first. */
  readonly accessVersion: string | undefined
  /** Where the lifecycle clock stands, as it is stored. */
  readonly clockPosition: string | undefined
  /** Whether the nonce was not used before; true if none was given. */
  readonly isFresh: boolean
  /** The store's clock, milliseconds. */
  readonly now: number
  /** The store may have forgotten nonces of requests stamped before this instant, milliseconds. */
  readonly era: number
}

export type AskProof = (asked: ProofAsked) => Effect.Effect<Proof, StoreFailure>

/** What proof has cost so far. */
export interface ProofCounts {
  readonly questions: number
  readonly requests: number
  /** Seconds from a question to its answer, or to its failure. */
  readonly seconds: Distribution
  /** Requests that shared a question. */
  readonly batches: Distribution
}

export class Proofs extends Context.Service<
  Proofs,
  {
    /** Undefined if this engine is the only one: what it remembers is true, and nothing needs to be asked. */
    readonly ask: AskProof | undefined
    /**
     * The store's clock, milliseconds, as far as the answers so far tell: it is never ahead. Engines that share a store live
     * by this clock, so that none of them is early. Undefined if this engine is the only one.
     */
    readonly storeTime: (() => number) | undefined
    /** Called with each answer before those who asked get it. */
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
  readonly resume: (outcome: Effect.Effect<Proof, StoreFailure>) => void
}

/** Requests that wait for the next question: those that arrive while questions are in the air share it. */
interface Desk {
  readonly shared: SharedAbility
  readonly run: <A, E>(
    effect: Effect.Effect<A, E>
  ) => { addObserver: (observer: (exit: Exit.Exit<A, E>) => void) => void }
  readonly listeners: Array<(answer: Proof) => void>
  /** A counter of elapsed time. */
  readonly steadyMillis: () => number
  waiting: Array<Waiting>
  /** The latest time of the store that an answer told, and the elapsed time when it came. */
  heard: { readonly now: number; readonly at: number }
  inTheAir: number
  /** Whether a question will be sent at the end of this turn. */
  isSending: boolean
  readonly seconds: Observed
  readonly batches: Observed
}

const ask = (desk: Desk, asked: ProofAsked): Effect.Effect<Proof, StoreFailure> =>
  Effect.callback((resume) => {
    const one: Waiting = { asked, resume }
    desk.waiting.push(one)
    sendSoon(desk)
    return Effect.sync(() => {
      desk.waiting = desk.waiting.filter((other) => other !== one)
    })
  })

const nameOf = ({ table, id }: RowName): string => `${table} ${id.join("\u0000")}`

/** One question for several requests, and where each finds its own rows and nonce in the answer. */
class SharedQuestion {
  readonly rows: Array<RowName> = [...standingRows]
  readonly nonces: Array<NonceUse> = []
  readonly #places = new Map<string, number>()

  constructor() {
    for (const [place, row] of this.rows.entries()) this.#places.set(nameOf(row), place)
  }

  /** The places of a request's rows and nonce. */
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

/** Whole milliseconds. The store's clock has gone on since by at least what elapsed here. */
const storeTime = ({ heard, steadyMillis }: Desk): number => heard.now + Math.floor(steadyMillis() - heard.at)

const tellListeners = (desk: Desk, found: ProofAnswer): void => {
  const { listeners } = desk
  desk.heard = { now: found.now, at: desk.steadyMillis() }
  const proof = proofFor(found, noPlaces)
  for (const listener of listeners) listener(proof)
}

/** Requests that come in with this one, from other connections that are read in the same turn, share its question. */
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

/** Sends what waits as one question. Only requests that arrived before it was sent get its answer. */
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
    for (const [at, { resume }] of batch.entries()) resume(Exit.map(exit, (found) => proofFor(found, places[at])))
    if (desk.waiting.length > 0) sendSoon(desk)
  })
}
