/** One request from bytes to reply: parse once, authenticate the parsed request, execute the authenticated request. */
import { Clock, Context, Effect, Layer, Result } from "effect"
import type { Exit, Fiber } from "effect"
import { Audit } from "../audit/audit.ts"
import { AccessKeys } from "../authorization/accessKeys.ts"
import type { AccessKey } from "../authorization/accessKeys.ts"
import { Dispatch } from "../requests/dispatch.ts"
import type { Reply } from "../requests/dispatch.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyId, RegionId } from "../domain/ids.ts"
import { isDone } from "../platform/runNow.ts"
import { Randomness } from "../platform/services.ts"
import { apiOfVersion, operationOf, recordedName } from "../operation/apis.ts"
import type { Source } from "../operation/parameters.ts"
import { orRefused } from "../store/unavailable.ts"
import { authenticate } from "../wire/authenticate.ts"
import type { Authenticated } from "../wire/authenticate.ts"
import { unwritableInXml } from "../wire/unwritable.ts"
import { headerOf } from "../wire/headers.ts"
import type { Headers } from "../wire/headers.ts"
import { parseRequest } from "../wire/rpcRequest.ts"
import type { RawRequest, WireRequest } from "../wire/rpcRequest.ts"
import { LifecycleClock } from "../timers/clock.ts"
import type { StampRange } from "../wire/stampRanges.ts"
import { Metrics } from "../monitoring/metrics.ts"
import { Proofs } from "../proof/proofs.ts"
import { Ram } from "../authorization/ram.ts"
import { entryPointOf, mayBeOutdated } from "./entryPoint.ts"
import type { CallRequest } from "../requests/callUnderWay.ts"
import { makeTelemetry } from "./telemetry.ts"
import type { Answered, Tell, TelemetryOptions } from "./telemetry.ts"
import { regionAddressed } from "./realm.ts"
import { answerOf, refusal } from "./replies.ts"
import type { Answer } from "./replies.ts"
import { openReplayMemory } from "./replayMemory.ts"
import type { ReplayMemory } from "./replayMemory.ts"

interface State {
  readonly region: RegionId
  readonly dispatch: Dispatch["Service"]
  readonly findCredential: AccessKeys["Service"]["find"]
  readonly audit: Audit["Service"]
  readonly clock: LifecycleClock["Service"]
  readonly randomness: Randomness["Service"]
  readonly metrics: Metrics["Service"]
  readonly wall: Clock.Clock
  /** The clock for request timestamps: the store's, if several engines share it. */
  readonly now: () => number
  readonly replay: ReplayMemory
  /** Puts changes of access control by other engines in force; undefined if there are no other engines. */
  readonly catchUp: Effect.Effect<void, AnyKmsError> | undefined
  readonly run: <A, E>(effect: Effect.Effect<A, E>) => Fiber.Fiber<A, E>
  /** Reports each answered request to access log and traces; undefined if both are off. */
  readonly tell: Tell | undefined
}

/**
 * Makes the replay guard's memory durable. With a full disk, a request that changes nothing proceeds without it: its
 * replay would repeat an answer but no effect.
 */
const marked = (
  { replay: { flush } }: State,
  { api, action }: Authenticated<AccessKey>
): Effect.Effect<void, AnyKmsError> =>
  operationOf(api, action)?.changes === true ? orRefused(flush) : Effect.catch(flush, () => Effect.void)

/** The result is already an exit if nothing had to wait. */
const execute = (
  state: State,
  request: Authenticated<AccessKey>,
  { raw, requestId }: Arrived,
  tellKey: CallRequest["tellKey"]
): Effect.Effect<Reply, AnyKmsError> => {
  const { accessKeyId, caller } = request.credential
  const addressed = { host: headerOf(raw.headers, "host"), regionId: request.parameters.get("RegionId") }
  const call: CallRequest = {
    api: request.api,
    operation: request.action,
    accessKeyId,
    source: sourceOf(request.parameters),
    caller,
    realm: { account: caller.account, region: regionAddressed(addressed, state.region) },
    requestId,
    tellKey,
    unwritable: request.format === "XML" ? unwritableInXml : undefined,
    circumstances: { sourceIp: raw.remoteAddress, secureTransport: raw.isEncrypted ?? false },
    entryPoint: state.catchUp === undefined ? undefined : entryPointOf(state.findCredential, request)
  }
  const { ask, begin } = state.dispatch
  const { flush, isUnmarked } = state.replay
  if (request.flushFirst) return Effect.andThen(orRefused(flush), ask(call))
  return isUnmarked(state.wall.currentTimeMillisUnsafe())
    ? Effect.andThen(marked(state, request), ask(call))
    : begin(call)
}

/** Failed authentication is recorded although the caller is unknown. */
const recordUnauthenticated = (
  { audit, clock }: State,
  request: WireRequest | undefined,
  code: string,
  requestId: string
): void => {
  const api = request === undefined ? undefined : apiOfVersion(request.version)
  const operation = api === undefined ? undefined : recordedName(api, request?.action ?? "")
  audit.record({
    at: clock.now(),
    requestId,
    principal: "unauthenticated",
    operation: operation ?? "unknown",
    keyId: null,
    outcome: code,
    before: null,
    after: null
  })
}

type Parsed = Result.Result<WireRequest, AnyKmsError>
type Believed = Result.Result<Authenticated<AccessKey>, AnyKmsError>

const believe = ({ findCredential, now, replay }: State, parsed: Parsed): Believed =>
  Result.flatMap(parsed, (request) =>
    authenticate(request, {
      nowMillis: now(),
      credential: findCredential,
      nonces: replay.guard
    })
  )

/** An arrived request, and the function that answers it. */
interface Arrived {
  readonly raw: RawRequest
  readonly reply: (answer: Answer) => void
  readonly requestId: string
  readonly startedAt: bigint
}

type Outcome = Pick<Answered, "api" | "operation" | "outcome" | "status"> & {
  readonly keyId?: KeyId | null
  readonly accessKeyId?: string
}

const tellOf = ({ tell, wall }: State, { raw, requestId, startedAt }: Arrived, outcome: Outcome): void =>
  tell?.({
    ...outcome,
    requestId,
    startedAt,
    endedAt: wall.currentTimeNanosUnsafe(),
    keyId: outcome.keyId ?? undefined,
    accessKeyId: outcome.accessKeyId,
    address: raw.remoteAddress,
    headers: raw.headers
  })

const answerUnbelieved = (state: State, parsed: Parsed, failure: AnyKmsError, arrived: Arrived): void => {
  const { raw, reply, requestId, startedAt } = arrived
  const read = Result.getOrUndefined(parsed)
  recordUnauthenticated(state, read, failure.code, requestId)
  const answer = refusal(raw.headers, failure, requestId, read?.format)
  reply(answer)
  state.metrics.answered("unauthenticated", failure.code, secondsSince(state.wall, startedAt))
  tellOf(state, arrived, { api: "kms", operation: "unauthenticated", outcome: failure.code, status: answer.status })
}

const answerBelieved = (state: State, request: Authenticated<AccessKey>, arrived: Arrived): void => {
  const { raw, reply, requestId, startedAt } = arrived
  let keyId: KeyId | null = null
  const noteKey = (found: KeyId | null): void => {
    keyId = found
  }
  const conclude = (exit: Exit.Exit<Reply, AnyKmsError>): void => {
    const { answer, code } = answerOf(exit, request, raw.headers, requestId)
    reply(answer)
    const operation = recordedName(request.api, request.action) ?? "unknown"
    state.metrics.answered(operation, code, secondsSince(state.wall, startedAt))
    const { accessKeyId } = request.credential
    tellOf(state, arrived, { api: request.api, operation, outcome: code, status: answer.status, keyId, accessKeyId })
  }
  const executed = execute(state, request, arrived, state.tell === undefined ? undefined : noteKey)
  // Starting a fiber for a result that already exists would cost as much as parsing the request.
  if (isDone(executed)) return conclude(executed)
  const logged = state.tell === undefined ? executed : Effect.annotateLogs(executed, "requestId", requestId)
  state.run(logged).addObserver(conclude)
}

/** An error that rows or the clock of the store decide is decided again by what the store holds now. */
const answerWhenCaughtUp = (
  state: State,
  parsed: Parsed,
  catchUp: Effect.Effect<void, AnyKmsError>,
  arrived: Arrived
): void => {
  state.run(Effect.result(catchUp)).addObserver((exit) => {
    const caughtUp = exit._tag === "Success" ? exit.value : Result.fail(refuse("InternalFailure"))
    const believed = Result.flatMap(caughtUp, () => believe(state, parsed))
    if (Result.isFailure(believed)) answerUnbelieved(state, parsed, believed.failure, arrived)
    else answerBelieved(state, believed.success, arrived)
  })
}

const answerRequest = (state: State, raw: RawRequest, reply: (answer: Answer) => void): void => {
  const { catchUp, wall } = state
  const arrived = { raw, reply, startedAt: wall.currentTimeNanosUnsafe(), requestId: state.randomness.uuid() }
  const parsed = parseRequest(raw)
  const believed = believe(state, parsed)
  if (Result.isSuccess(believed)) return answerBelieved(state, believed.success, arrived)
  const { failure } = believed
  return catchUp !== undefined && mayBeOutdated(failure)
    ? answerWhenCaughtUp(state, parsed, catchUp, arrived)
    : answerUnbelieved(state, parsed, failure, arrived)
}

const secondsSince = (wall: Clock.Clock, startedAt: bigint): number =>
  Number(wall.currentTimeNanosUnsafe() - startedAt) / 1e9

export class Pipeline extends Context.Service<
  Pipeline,
  {
    readonly answer: (raw: RawRequest, reply: (answer: Answer) => void) => void
    /** The answer to a request that was not parsed. */
    readonly refusal: (headers: Headers, error: AnyKmsError) => Answer
    /** Ranges of current timestamps that are refused because the server lost its record of them. */
    readonly refusedStamps: () => ReadonlyArray<StampRange>
  }
>()("keystate/server/Pipeline") {
  static readonly layer = (region: RegionId, telemetry: TelemetryOptions = {}) =>
    Layer.effect(
      Pipeline,
      Effect.gen(function* () {
        const wall = yield* Clock.Clock
        const { ask, storeTime } = yield* Proofs
        const state: State = {
          region,
          dispatch: yield* Dispatch,
          findCredential: (yield* AccessKeys).find,
          audit: yield* Audit,
          clock: yield* LifecycleClock,
          randomness: yield* Randomness,
          metrics: yield* Metrics,
          wall,
          now: storeTime ?? (() => wall.currentTimeMillisUnsafe()),
          replay: yield* openReplayMemory,
          catchUp: ask === undefined ? undefined : (yield* Ram).current,
          run: Effect.runForkWith(yield* Effect.context<never>()),
          tell: yield* makeTelemetry(telemetry)
        }
        return {
          refusedStamps: () => state.replay.guard.refusedNow(state.wall.currentTimeMillisUnsafe()),
          refusal: (headers, error) => refusal(headers, error, state.randomness.uuid(), undefined),
          answer: (raw, reply) => answerRequest(state, raw, reply)
        }
      })
    )
}

const sourceOf = (parameters: ReadonlyMap<string, string>): Source => ({
  get: (name) => parameters.get(name),
  names: () => parameters.keys()
})
