/** Any server that speaks the API over HTTP, asked with signed requests. */
import { randomUUID } from "node:crypto"
import { formatInstant } from "../../domain/time.ts"
import { signV1 } from "../../wire/client.ts"
import { operations } from "./adapter.ts"
import type { Answer, KmsAdapter, Principal, Profile } from "./adapter.ts"
import { memberOf, textOf } from "../steps/reply.ts"
import { orSilence } from "./silence.ts"

export interface AccessKey {
  readonly accessKeyId: string
  readonly accessKeySecret: string
}

export interface HttpOptions {
  readonly endpoint: string
  readonly accessKey: AccessKey
  /** Milliseconds since 1970, for the timestamps of requests. */
  readonly clock: () => number
  /** How long one answer may take, in milliseconds. */
  readonly timeoutMillis?: number
  readonly profiles?: ReadonlyArray<Profile>
}

/** The code of an answer that is not written as the API writes its answers. */
const unreadable = "Unreadable"

const dayMillis = 86_400_000
const kmsVersion = "2016-01-20"
const ramVersion = "2015-05-01"

/** What is sent is text; what is not text is written as the API writes it. */
const asText = (request: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(request).map(([name, value]) => [name, String(value)]))

const documentFor = ({ permits }: Principal): string =>
  JSON.stringify({
    Version: "1",
    Statement: permits.map(({ operation, key }) => ({
      Effect: "Allow",
      Action: `kms:${operation}`,
      Resource: key === "*" ? "*" : `acs:kms:*:*:key/${key}`
    }))
  })

/**
 * Clock and access are Keystate's own operations: a server that does not know them is tested without.
 */
export const overHttp = async (options: HttpOptions): Promise<KmsAdapter> => {
  const { endpoint, accessKey, clock, timeoutMillis = 30_000 } = options
  const people = new Map<string, Promise<AccessKey>>()

  const send = async (
    operation: string,
    request: Readonly<Record<string, unknown>>,
    by: AccessKey,
    version = kmsVersion
  ): Promise<Answer> => {
    const body = signV1({
      method: "POST",
      parameters: { ...asText(request), Action: operation, Version: version, Format: "JSON" },
      accessKeyId: by.accessKeyId,
      secret: by.accessKeySecret,
      nonce: randomUUID(),
      timestamp: formatInstant(clock())
    })
    const reply = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/x-www-form-urlencoded" },
      body,
      signal: AbortSignal.timeout(timeoutMillis)
    })
    const text = await reply.text()
    const response = parsed(text)
    if (response === undefined) return { ok: false, code: unreadable, httpStatus: 502, message: text.slice(0, 80) }
    const requestId = textOf(response, "RequestId")
    if (reply.ok) return { ok: true, response, ...(requestId === undefined ? {} : { requestId }) }
    const message = textOf(response, "Message")
    return {
      ok: false,
      code: textOf(response, "Code") ?? `HTTP ${reply.status}`,
      httpStatus: reply.status,
      ...(message === undefined ? {} : { message })
    }
  }
  const own = (operation: string, request: Readonly<Record<string, unknown>> = {}) =>
    send(operation, request, accessKey)
  const must = async (operation: string, request: Readonly<Record<string, unknown>> = {}): Promise<unknown> => {
    const answer = await own(operation, request)
    if (answer.ok) return answer.response
    throw new Error(`${operation} was refused: ${answer.code}: ${answer.message ?? ""}`)
  }

  const shown = await own("ShowClock")
  if (!shown.ok && shown.code === unreadable) {
    throw new Error(`What answers at ${endpoint} does not speak the API: ${shown.message ?? ""}`)
  }
  const isVirtual = shown.ok && textOf(shown.response, "Clock") === "virtual"
  const isKeystate = shown.ok
  if (!shown.ok && !shown.code.startsWith("InvalidAction")) {
    if (shown.httpStatus < 500 && /Signature|AccessKey/.test(shown.code)) {
      throw new Error(`${endpoint} does not take the access key: ${shown.code}: ${shown.message ?? ""}`)
    }
  }

  /** RAM's operations, on the same endpoint. */
  const inRam = async (operation: string, request: Readonly<Record<string, unknown>>): Promise<unknown> => {
    const answer = await send(operation, request, accessKey, ramVersion)
    if (answer.ok) return answer.response
    throw new Error(`${operation} was refused: ${answer.code}: ${answer.message ?? ""}`)
  }

  const hire = async (principal: Principal): Promise<AccessKey> => {
    const UserName = principal.name.slice(0, 64)
    await inRam("CreateUser", { UserName })
    if (principal.permits.length > 0) {
      const PolicyName = UserName.replaceAll(/[^A-Za-z0-9-]/g, "-")
      await inRam("CreatePolicy", { PolicyName, PolicyDocument: documentFor(principal) })
      await inRam("AttachPolicyToUser", { PolicyName, PolicyType: "Custom", UserName })
    }
    const made = memberOf(await inRam("CreateAccessKey", { UserName }), "AccessKey")
    const accessKeyId = textOf(made, "AccessKeyId")
    const accessKeySecret = textOf(made, "AccessKeySecret")
    if (accessKeyId === undefined || accessKeySecret === undefined) throw new Error("CreateAccessKey told no pair")
    return { accessKeyId, accessKeySecret }
  }
  const pairOf = (principal: Principal): Promise<AccessKey> => {
    const known = people.get(principal.name)
    if (known !== undefined) return known
    const hired = hire(principal)
    people.set(principal.name, hired)
    return hired
  }

  const offered: ReadonlyArray<Profile> = ["core", "import", "asymmetric", "rotation", "aliases"]
  return {
    name: `server at ${endpoint}`,
    capabilities: {
      operations,
      clock: isVirtual ? "virtual" : "none",
      reset: "namespace",
      profiles: options.profiles ?? (isKeystate ? [...offered, "policy"] : offered)
    },
    start: async () => {
      if (isVirtual) await must("FreezeClock")
    },
    call: async (operation, request, as) => {
      const by = as === undefined ? accessKey : await pairOf(as)
      return orSilence(
        () => send(operation, request, by),
        () => own("ShowClock")
      )
    },
    ...(isVirtual
      ? {
          advance: async (millis: number) => {
            const days = Math.floor(millis / dayMillis)
            if (days > 0) await must("AdvanceClock", { By: `${days}d` })
            if (millis % dayMillis > 0) await must("AdvanceClock", { By: `${millis % dayMillis}ms` })
          },
          now: async () => Date.parse(textOf(await must("ShowClock"), "Now") ?? "")
        }
      : // It cannot be moved, but its dates are told by it: signatures hold only where both clocks nearly agree.
        { now: async () => options.clock() }),
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
