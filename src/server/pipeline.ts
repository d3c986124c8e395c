/** One request from bytes to reply: parse once, authenticate what was parsed, execute what was authenticated. */
import { Clock, Context, Effect, Layer, Result } from "effect"
import type { Exit } from "effect"
import { Audit } from "../audit/audit.ts"
import { AccessKeys } from "../authorization/accessKeys.ts"
import type { AccessKey } from "../authorization/accessKeys.ts"
import { Dispatch } from "../requests/dispatch.ts"
import type { Reply } from "../requests/dispatch.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { RegionId } from "../domain/ids.ts"
import { Randomness } from "../platform/services.ts"
import { apiOfVersion, operationOf, recordedName } from "../operation/apis.ts"
import type { ApiName } from "../operation/apis.ts"
import type { Source } from "../operation/parameters.ts"
import { orRefused } from "../store/unavailable.ts"
import { authenticate } from "../wire/authenticate.ts"
import type { Authenticated } from "../wire/authenticate.ts"
import { refusalReply, successReply } from "../wire/envelope.ts"
import { uncarriedByXml } from "../wire/uncarried.ts"
import { headerOf, parseRequest } from "../wire/rpcRequest.ts"
import type { Format, Headers, RawRequest } from "../wire/rpcRequest.ts"
import { LifecycleClock } from "../timers/clock.ts"
import type { StampRange } from "../wire/stampRanges.ts"
import { Metrics } from "../monitoring/metrics.ts"
import { regionAddressed } from "./realm.ts"
import { openReplayMemory } from "./replayMemory.ts"

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
  readonly requestId: string
}

export class Pipeline extends Context.Service<
  Pipeline,
  {
    readonly answer: (raw: RawRequest, reply: (answer: Answer) => void) => void
    /** The answer to a request that was not even read. */
    readonly refusal: (headers: Headers, error: AnyKmsError) => Answer
    /** Timestamps of now that are refused because the server has forgotten what it accepted with them. */
    readonly refusedStamps: () => ReadonlyArray<StampRange>
  }
>()("keystate/server/Pipeline") {
  static readonly layer = (region: RegionId) =>
    Layer.effect(
      Pipeline,
      Effect.gen(function* () {
        const { ask } = yield* Dispatch
        const { find } = yield* AccessKeys
        const audit = yield* Audit
        const clock = yield* LifecycleClock
        const randomness = yield* Randomness
        const metrics = yield* Metrics
        const wall = yield* Clock.Clock
        const { guard, flush, isUnmarked } = yield* openReplayMemory
        const run = Effect.runForkWith(yield* Effect.context<never>())

        const refused = (
          headers: Headers,
          error: AnyKmsError,
          requestId: string,
          format: Format | undefined
        ): Answer => ({ ...refusalReply({ error, requestId, host: headerOf(headers, "host"), format }), requestId })

        /** On a disk without room what changes nothing goes on unmarked: a replay of it repeats an answer and no effect. */
        const marked = ({ api, action }: Authenticated<AccessKey>): Effect.Effect<void, AnyKmsError> =>
          operationOf(api, action)?.changes === true ? orRefused(flush) : Effect.catch(flush, () => Effect.void)

        const execute = (
          request: Authenticated<AccessKey>,
          raw: RawRequest,
          requestId: string
        ): Effect.Effect<Reply, AnyKmsError> => {
          const { accessKeyId, caller } = request.credential
          const addressed = { host: headerOf(raw.headers, "host"), regionId: request.parameters.get("RegionId") }
          const asked = ask({
            api: request.api,
            operation: request.action,
            accessKeyId,
            source: sourceOf(request.parameters),
            caller,
            realm: { account: caller.account, region: regionAddressed(addressed, region) },
            requestId,
            uncarried: request.format === "XML" ? uncarriedByXml : undefined,
            circumstances: { sourceIp: raw.remoteAddress, secureTransport: false }
          })
          if (request.flushFirst) return Effect.andThen(orRefused(flush), asked)
          return isUnmarked(wall.currentTimeMillisUnsafe()) ? Effect.andThen(marked(request), asked) : asked
        }

        /** Nobody is known to have asked, but that somebody tried is worth a line. */
        const recordUnauthenticated = (operation: string | undefined, code: string, requestId: string): void =>
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

        const answerOf = (
          exit: Exit.Exit<Reply, AnyKmsError>,
          request: Authenticated<AccessKey>,
          headers: Headers,
          requestId: string
        ): { readonly answer: Answer; readonly code: string } => {
          const { format } = request
          if (exit._tag === "Success")
            return { answer: { ...successReply(exit.value, format, rootOf(request)), requestId }, code: "Success" }
          const failure = exit.cause.reasons.find((reason) => reason._tag === "Fail")
          const error = failure?.error ?? refuse("InternalFailure")
          return { answer: refused(headers, error, requestId, format), code: error.code }
        }

        return {
          refusedStamps: () => guard.refusedNow(wall.currentTimeMillisUnsafe()),
          refusal: (headers, error) => refused(headers, error, randomness.uuid(), undefined),
          answer: (raw, reply) => {
            const startedAt = wall.currentTimeNanosUnsafe()
            const seconds = (): number => Number(wall.currentTimeNanosUnsafe() - startedAt) / 1e9
            const requestId = randomness.uuid()
            const parsed = parseRequest(raw)
            const believed = Result.flatMap(parsed, (request) =>
              authenticate(request, {
                nowMillis: wall.currentTimeMillisUnsafe(),
                credential: find,
                nonces: guard
              })
            )
            if (Result.isFailure(believed)) {
              const read = Result.getOrUndefined(parsed)
              const api = read === undefined ? undefined : apiOfVersion(read.version)
              const named = api === undefined ? undefined : recordedName(api, read?.action ?? "")
              recordUnauthenticated(named, believed.failure.code, requestId)
              reply(refused(raw.headers, believed.failure, requestId, read?.format))
              metrics.answered("unauthenticated", believed.failure.code, seconds())
              return
            }
            const request = believed.success
            run(execute(request, raw, requestId)).addObserver((exit) => {
              const { answer, code } = answerOf(exit, request, raw.headers, requestId)
              reply(answer)
              metrics.answered(recordedName(request.api, request.action) ?? "unknown", code, seconds())
            })
          }
        }
      })
    )
}

/** The root element of a successful reply in XML: KMS names its own, RAM and STS the operation. */
const rootOf = ({ action, api }: { readonly action: string; readonly api: ApiName }): string =>
  api === "kms" ? "KMS" : `${action}Response`

const sourceOf = (parameters: ReadonlyMap<string, string>): Source => ({
  get: (name) => parameters.get(name),
  names: () => parameters.keys()
})
