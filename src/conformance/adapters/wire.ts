/** HTTP requests in the correct form, or wrong in one way. */
import { randomUUID } from "node:crypto"
import { formatInstant } from "../../domain/time.ts"
import { signV1, signV3 } from "../../wire/client.ts"
import type { SignatureVersion, Wire, WireForm } from "./adapter.ts"

/** The access key that signs the suite's requests. */
export interface AccessKey {
  readonly accessKeyId: string
  readonly accessKeySecret: string
}

/** The request to send. */
export interface Sent {
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface ToSend {
  readonly endpoint: string
  readonly operation: string
  readonly version: string
  readonly parameters: Readonly<Record<string, string>>
  readonly accessKeyId: string
  readonly secret: string
  /** Milliseconds since 1970. */
  readonly now: number
}

const minuteMillis = 60_000

/** Just outside the permitted difference of timestamps. */
const stampShift: { readonly [form in WireForm]?: number } = { stale: -16 * minuteMillis, early: 16 * minuteMillis }

const regionOf = (form: WireForm): Readonly<Record<string, string>> =>
  form === "otherRegion" ? { RegionId: "cn-beijing" } : {}

/** A parameter that the signature does not cover. A service that checks no signature would apply it. */
const unsignedParameter = "&Unsigned=1"

const form = "application/x-www-form-urlencoded"

const byV1 = (send: ToSend, wire: WireForm): Sent => {
  const signed = signV1({
    method: "POST",
    parameters: {
      ...send.parameters,
      ...regionOf(wire),
      Action: send.operation,
      Version: send.version,
      Format: "JSON"
    },
    accessKeyId: send.accessKeyId,
    secret: wire === "otherSecret" ? `${send.secret}x` : send.secret,
    nonce: randomUUID(),
    timestamp: formatInstant(send.now + (stampShift[wire] ?? 0))
  })
  const body = wire === "unsigned" ? signed.replace(/&Signature=[^&]*$/, "") : signed
  return {
    url: send.endpoint,
    headers: { "content-type": form },
    body: wire === "altered" ? body + unsignedParameter : body
  }
}

const byV3 = (send: ToSend, wire: WireForm): Sent => {
  const { query, headers } = signV3({
    action: send.operation,
    version: send.version,
    parameters: { ...send.parameters, ...regionOf(wire) },
    accessKeyId: send.accessKeyId,
    secret: wire === "otherSecret" ? `${send.secret}x` : send.secret,
    nonce: randomUUID(),
    timestamp: formatInstant(send.now + (stampShift[wire] ?? 0)),
    host: new URL(send.endpoint).host
  })
  const { authorization = "", ...others } = headers
  return {
    url: `${new URL("/", send.endpoint).href}?${query}${wire === "altered" ? unsignedParameter : ""}`,
    headers: {
      ...others,
      authorization: wire === "unsigned" ? authorization.replace(/Signature=[0-9a-f]*$/, "Signature=") : authorization
    },
    body: ""
  }
}

const signers: Readonly<Record<SignatureVersion, (send: ToSend, wire: WireForm) => Sent>> = { v1: byV1, v3: byV3 }

/** Remembers the latest correct request of each operation, to repeat it. */
export const makeWire = (): ((send: ToSend, wire: Wire) => Sent | undefined) => {
  const latest = new Map<string, Sent>()
  return (send, { form: wire, signature }) => {
    const name = `${send.operation} ${signature}`
    if (wire === "repeated") return latest.get(name)
    const sent = signers[signature](send, wire)
    if (wire === "sound") latest.set(name, sent)
    return sent
  }
}
