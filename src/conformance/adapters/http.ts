/** Any server with the vendor's API over HTTP, called with signed requests. */
import { randomUUID } from "node:crypto"
import { formatInstant } from "../../domain/time.ts"
import { signV1 } from "../../wire/client.ts"
import { operations } from "./adapter.ts"
import type { Answer, KmsAdapter, Place, Profile } from "./adapter.ts"
import { memberOf, textOf } from "../steps/reply.ts"
import { orSilence } from "./silence.ts"
import { accountUsersOf } from "./accountUsers.ts"
import { makeWire } from "./wire.ts"
import type { AccessKey, Sent } from "./wire.ts"

/** The connection to a server with the vendor's API. */
export interface HttpOptions {
  readonly endpoint: string
  readonly accessKey: AccessKey
  /** The current time in milliseconds since 1970, for the timestamps of requests. */
  readonly clock: () => number
  /** The time limit of one call, in milliseconds. */
  readonly timeoutMillis?: number
  readonly profiles?: ReadonlyArray<Profile>
  /** Stops the server and starts it again on the same data. The adapter waits until it answers. */
  readonly restart?: () => Promise<void>
  /** The access key of another account, for the profile `accounts`. If absent, a Keystate server creates an account. */
  readonly otherAccount?: AccessKey
}

/** The code for an answer outside the API's format. */
const unreadable = "Unreadable"

const dayMillis = 86_400_000
const kmsVersion = "2016-01-20"

/** Parameters are sent as text; other values are first written in the API's form. */
const asText = (request: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(request).map(([name, value]) => [name, String(value)]))

interface Call {
  readonly operation: string
  readonly request: Readonly<Record<string, unknown>>
  readonly by: AccessKey
  readonly version: string
}

type Options = Required<Pick<HttpOptions, "endpoint" | "accessKey" | "clock" | "timeoutMillis">>

const answerOf = (status: number, isOk: boolean, text: string): Answer => {
  const response = parsed(text)
  if (response === undefined) return { ok: false, code: unreadable, httpStatus: 502, message: text.slice(0, 80) }
  const requestId = textOf(response, "RequestId")
  if (isOk) return { ok: true, response, ...(requestId === undefined ? {} : { requestId }) }
  const [message, hint] = [textOf(response, "Message"), textOf(response, "Hint")]
  return {
    ok: false,
    code: textOf(response, "Code") ?? `HTTP ${status}`,
    httpStatus: status,
    ...(message === undefined ? {} : { message }),
    ...(hint === undefined ? {} : { hint })
  }
}

const send = async ({ endpoint, clock, timeoutMillis }: Options, call: Call): Promise<Answer> => {
  const body = signV1({
    method: "POST",
    parameters: { ...asText(call.request), Action: call.operation, Version: call.version, Format: "JSON" },
    accessKeyId: call.by.accessKeyId,
    secret: call.by.accessKeySecret,
    nonce: randomUUID(),
    timestamp: formatInstant(clock())
  })
  const headers = { "content-type": "application/x-www-form-urlencoded" }
  return post({ url: endpoint, headers, body }, timeoutMillis)
}

const post = async ({ url, headers, body }: Sent, timeoutMillis: number): Promise<Answer> => {
  const reply = await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMillis) })
  return answerOf(reply.status, reply.ok, await reply.text())
}

const nothingToRepeat: Answer = { ok: false, code: "NothingToRepeat", httpStatus: 0 }

/** Calls that check the bytes of the answer. */
const wireOf = (options: Options): Pick<KmsAdapter, "callAs"> => {
  const { endpoint, accessKey, clock, timeoutMillis } = options
  const write = makeWire()
  return {
    callAs: async (operation, request, wire) => {
      const sent = write(
        {
          endpoint,
          operation,
          version: kmsVersion,
          parameters: asText(request),
          accessKeyId: accessKey.accessKeyId,
          secret: accessKey.accessKeySecret,
          now: clock()
        },
        wire
      )
      return sent === undefined ? nothingToRepeat : post(sent, timeoutMillis)
    }
  }
}

/** Calls from elsewhere: with the access key of another account, or with the name of another region. */
interface Elsewhere {
  readonly by: AccessKey
  readonly more: Readonly<Record<string, string>>
}

const otherRegions = ["cn-beijing", "cn-shanghai"] as const

const otherAccountOf = async ({ must }: Owner): Promise<AccessKey> => {
  const pair = memberOf(await must("CreateAccount"), "Account.RootAccessKey")
  const [accessKeyId, accessKeySecret] = [textOf(pair, "AccessKeyId"), textOf(pair, "AccessKeySecret")]
  if (accessKeyId === undefined || accessKeySecret === undefined)
    throw new Error("CreateAccount returned no access key")
  return { accessKeyId, accessKeySecret }
}

/** The ARN of a key shows the region of the target. */
const otherRegionOf = async ({ call }: Owner): Promise<string> => {
  const answer = await call("ListKeys", { PageSize: 1 })
  const isOwn = answer.ok && JSON.stringify(answer.response).includes(`:${otherRegions[0]}:`)
  return isOwn ? otherRegions[1] : otherRegions[0]
}

/** The ways to call from elsewhere; each is determined once. */
const elsewhereOf = (owner: Owner, accessKey: AccessKey, given?: AccessKey): ((from: Place) => Promise<Elsewhere>) => {
  const ways: Readonly<Record<Place, () => Promise<Elsewhere>>> = {
    otherAccount: async () => ({ by: given ?? (await otherAccountOf(owner)), more: {} }),
    otherRegion: async () => ({ by: accessKey, more: { RegionId: await otherRegionOf(owner) } })
  }
  const known = new Map<Place, Promise<Elsewhere>>()
  return (from) => {
    const way = known.get(from) ?? ways[from]()
    known.set(from, way)
    return way
  }
}

/** Calls as the owner of the given access key. */
const ownerOf = (options: Options) => {
  const call = (
    operation: string,
    request: Readonly<Record<string, unknown>> = {},
    version = kmsVersion
  ): Promise<Answer> => send(options, { operation, request, by: options.accessKey, version })
  return {
    call,
    /** Rejects unless the call is accepted. */
    must: async (...given: Parameters<typeof call>): Promise<unknown> => {
      const answer = await call(...given)
      if (answer.ok) return answer.response
      throw new Error(`${given[0]} was refused: ${answer.code}: ${answer.message ?? ""}`)
    }
  }
}

export type Owner = ReturnType<typeof ownerOf>

/** Requests the clock. Rejects if the server does not speak the API or refuses the access key. */
const clockShown = async (endpoint: string, owner: Owner): Promise<Answer> => {
  const shown = await owner.call("ShowClock")
  if (shown.ok) return shown
  const told = `${shown.code}: ${shown.message ?? ""}`
  if (shown.code === unreadable)
    throw new Error(`What answers at ${endpoint} does not speak the API: ${shown.message ?? ""}`)
  if (shown.httpStatus < 500 && /Signature|AccessKey/.test(shown.code))
    throw new Error(`${endpoint} does not take the access key: ${told}`)
  return shown
}

const virtualClock = ({ must }: Owner): Pick<KmsAdapter, "advance" | "now"> => ({
  advance: async (millis: number) => {
    const days = Math.floor(millis / dayMillis)
    if (days > 0) await must("AdvanceClock", { By: `${days}d` })
    if (millis % dayMillis > 0) await must("AdvanceClock", { By: `${millis % dayMillis}ms` })
  },
  now: async () => Date.parse(textOf(await must("ShowClock"), "Now") ?? "")
})

const offered: ReadonlyArray<Profile> = ["core", "import", "asymmetric", "rotation", "aliases", "wire", "quotas"]

/** The time limit for the first answer after a restart. */
const restartMillisMax = 60_000

/** Waits until the server answers again. */
const answersAgain = async (owner: Owner): Promise<void> => {
  const until = performance.now() + restartMillisMax
  for (;;) {
    try {
      await owner.call("ShowClock")
      return
    } catch (error) {
      if (performance.now() > until) throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
}

const restarts = (owner: Owner, restart: HttpOptions["restart"]): Pick<KmsAdapter, "restart"> =>
  restart === undefined
    ? {}
    : {
        restart: async () => {
          await restart()
          await answersAgain(owner)
        }
      }

/**
 * An adapter for a server with the vendor's API. It asks the server whether its clock is virtual. Clock and access
 * control are Keystate's own operations: a server without them is tested without them.
 */
export const overHttp = async (given: HttpOptions): Promise<KmsAdapter> => {
  const { endpoint, accessKey, clock, timeoutMillis = 30_000 } = given
  const options: Options = { endpoint, accessKey, clock, timeoutMillis }
  const owner = ownerOf(options)
  const shown = await clockShown(endpoint, owner)
  const isVirtual = shown.ok && textOf(shown.response, "Clock") === "virtual"
  const { pairOf, setKeyPolicy } = accountUsersOf(owner)
  const elsewhere = elsewhereOf(owner, accessKey, given.otherAccount)
  return {
    name: `server at ${endpoint}`,
    capabilities: {
      operations: shown.ok ? operations : operations.filter((name) => name !== "SetKeyPolicy"),
      clock: isVirtual ? "virtual" : "none",
      reset: "namespace",
      profiles: given.profiles ?? [
        ...offered,
        ...(shown.ok ? (["policy", "dryRuns"] as const) : []),
        ...(shown.ok || given.otherAccount !== undefined ? (["accounts"] as const) : []),
        ...(given.restart === undefined ? [] : (["restart"] as const))
      ]
    },
    start: async () => {
      if (isVirtual) await owner.must("FreezeClock")
    },
    call: async (operation, request, as, from) => {
      const { by, more } =
        from === undefined ? { by: as === undefined ? accessKey : await pairOf(as), more: {} } : await elsewhere(from)
      return orSilence(
        () => send(options, { operation, request: { ...request, ...more }, by, version: kmsVersion }),
        () => owner.call("ShowClock")
      )
    },
    grant: async (principal) => void (await pairOf(principal)),
    setKeyPolicy,
    // A clock that cannot be moved still dates new keys. Signatures are valid only if both clocks nearly agree.
    ...wireOf(options),
    ...restarts(owner, given.restart),
    ...(isVirtual ? virtualClock(owner) : { now: async () => clock() }),
    stop: async () => {}
  }
}

const parsed = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === "object" && value !== null ? value : undefined
  } catch {
    return undefined
  }
}
