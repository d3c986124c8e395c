/** Many calls at once. Each is decided, recorded and answered like a single call. They share proofs and one audit flush. */
import { Effect } from "effect"
import type { AnyKmsError } from "../domain/errors.ts"
import type { ItemResult } from "../operation/many.ts"
import { isDone } from "../platform/runNow.ts"
import { refusalOf } from "../store/unavailable.ts"
import type { CallRequest } from "./callUnderWay.ts"
import { decideProven } from "./decideProven.ts"
import type { Proven } from "./proven.ts"
import { withRequestId } from "./refusals.ts"
import type { Server } from "./server.ts"

/** Other work of the process waits for at most this many calls. One proof covers them. */
const turnCalls = 64

/** The steps of a single call. */
export interface Steps<Reply> {
  readonly decide: (
    server: Server,
    requested: CallRequest,
    proven: Proven | undefined
  ) => Effect.Effect<Reply, AnyKmsError>
  readonly turnAway: (server: Server, requested: CallRequest, error: AnyKmsError) => Effect.Effect<never, AnyKmsError>
}

type ResultOf<Reply> = ItemResult<Reply, AnyKmsError>
type Requests = ReadonlyArray<CallRequest>

const resultOf = <Reply>(reply: Effect.Effect<Reply, AnyKmsError>): Effect.Effect<ResultOf<Reply>> =>
  Effect.match(reply, {
    onSuccess: (value): ResultOf<Reply> => ({ ok: true, reply: value }),
    onFailure: (error): ResultOf<Reply> => ({ ok: false, error })
  })

/** Performs calls that need not wait now, in order. The others wait together. */
const performed = <Reply>(
  requests: Requests,
  perform: (requested: CallRequest) => Effect.Effect<Reply, AnyKmsError>
): Effect.Effect<ReadonlyArray<ResultOf<Reply>>> =>
  Effect.suspend(() => {
    const results: Array<ResultOf<Reply>> = []
    const waiting: Array<Effect.Effect<void>> = []
    for (const [place, requested] of requests.entries()) {
      const reply = perform(requested)
      if (isDone(reply) && reply._tag === "Success") results[place] = { ok: true, reply: reply.value }
      else {
        const noted = Effect.map(resultOf(reply), (result) => {
          results[place] = result
        })
        waiting.push(noted)
      }
    }
    return Effect.as(Effect.all(waiting, { concurrency: turnCalls, discard: true }), results)
  })

/** Performs calls on one proof, which is asked after they arrived. */
const performedProven = <Reply>(
  server: Server,
  requests: Requests,
  { decide, turnAway }: Steps<Reply>
): Effect.Effect<ReadonlyArray<ResultOf<Reply>>> => {
  const { askProof } = server
  if (askProof === undefined) return performed(requests, (requested) => decide(server, requested, undefined))
  const refuseAll = (error: AnyKmsError) => performed(requests, (requested) => turnAway(server, requested, error))
  const [first] = requests
  if (first === undefined) return Effect.succeed([])
  const asked = { realm: first.realm, sources: requests.map(({ source }) => source), entryPoint: undefined }
  return decideProven({ ram: server.ram, aliases: server.aliases, askProof }, asked, {
    decide: (proven) => performed(requests, (requested) => decide(server, requested, proven)),
    refuse: refuseAll,
    disbelieve: refuseAll
  })
}

/** Calls beyond the request quota are refused. The others are performed together. */
const turn = <Reply>(
  server: Server,
  requests: Requests,
  steps: Steps<Reply>
): Effect.Effect<ReadonlyArray<ResultOf<Reply>>> => {
  const { throttle } = server
  if (throttle === undefined) return performedProven(server, requests, steps)
  const excess = requests.map((requested) => throttle(requested))
  return Effect.gen(function* () {
    const admitted = requests.filter((_, place) => excess[place] === undefined)
    const results = (yield* performedProven(server, admitted, steps)).values()
    return yield* Effect.forEach(requests, (requested, place) => {
      const error = excess[place]
      if (error !== undefined) return resultOf<Reply>(steps.turnAway(server, requested, error))
      const { done, value } = results.next()
      return done === true ? Effect.die(new Error("each admitted call has a result")) : Effect.succeed(value)
    })
  })
}

/** The first call runs alone: it opens the key for the others. */
function* turnsOf(requests: Iterable<CallRequest>): Generator<Requests> {
  let turn: Array<CallRequest> = []
  let length = 1
  for (const requested of requests) {
    turn.push(requested)
    if (turn.length < length) continue
    yield turn
    turn = []
    length = turnCalls
  }
  if (turn.length > 0) yield turn
}

/** In strict mode the results are returned after all audit records are stored. */
const settled = <Reply>(
  { services }: Server,
  requestIds: ReadonlyArray<string>,
  results: ReadonlyArray<ResultOf<Reply>>
): Effect.Effect<ReadonlyArray<ResultOf<Reply>>> =>
  Effect.match(services.audit.settled, {
    onSuccess: () => results,
    onFailure: (failure) =>
      requestIds.map((requestId) => ({ ok: false, error: withRequestId(refusalOf(failure), requestId) }))
  })

/** The same services for calls whose audit records are awaited together. */
const settlingLater = (server: Server): Server => {
  const { services } = server
  return { ...server, services: { ...services, audit: { ...services.audit, settled: Effect.void } } }
}

/**
 * The result of each call, in order. All calls are of one caller and realm, and have no entry point. They are read turn by
 * turn, so that the memory for a request can be used again.
 */
export const makeAskMany = <Reply>(server: Server, steps: Steps<Reply>) => {
  const { audit } = server.services
  const serving = settlingLater(server)
  return (requests: Iterable<CallRequest>): Effect.Effect<ReadonlyArray<ResultOf<Reply>>> =>
    Effect.gen(function* () {
      const requestIds: Array<string> = []
      const results: Array<ResultOf<Reply>> = []
      for (const part of turnsOf(requests)) {
        if (audit.isCrowded()) yield* audit.relief
        for (const { requestId } of part) requestIds.push(requestId)
        for (const result of yield* turn(serving, part, steps)) results.push(result)
        yield* Effect.yieldNow
      }
      return yield* settled(server, requestIds, results)
    })
}
