/** Requests recorded with their signatures from the vendor's clients in other languages: each shows one encoding. */
import { readFileSync } from "node:fs"
import { Result } from "effect"
import { describe, expect, it } from "vitest"
import { ask, outcome } from "./fixtures.ts"

interface Captured {
  /** Package and version. */
  readonly client: string
  readonly sends: string
  readonly action: string
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** The arguments of the program that used the client. */
  readonly parameters: Readonly<Record<string, string>>
}

const captured: ReadonlyArray<Captured> = JSON.parse(
  readFileSync(new URL("capturedRequests.json", import.meta.url), "utf8")
)

const queryOf = ({ url }: Captured) => new URL(url, "http://localhost").searchParams

/** A common parameter from the query, the form, or the corresponding header. */
const member = (request: Captured, name: string, header: string): string =>
  queryOf(request).get(name) ?? new URLSearchParams(request.body).get(name) ?? request.headers[header] ?? ""

/** At the instant of the signature. */
const send = (request: Captured) => {
  const { method, url, headers, body } = request
  const nowMillis = Date.parse(member(request, "Timestamp", "x-acs-date"))
  return ask({ method, url, headers, body: Buffer.from(body) }, { nowMillis })
}

const named = captured.map((request) => [`${request.client}: ${request.action}, ${request.sends}`, request] as const)

describe("requests recorded from the vendor's clients", () => {
  it.for(named)("accepts the recorded request %s and reads its parameters", ([, request]) => {
    const accepted = Result.getOrThrow(send(request))
    expect(accepted.action).toBe(request.action)
    expect(Object.fromEntries(accepted.parameters)).toMatchObject(request.parameters)
    expect(accepted.format).toBe(queryOf(request).get("Format") === "XML" ? "XML" : "JSON")
  })

  it.for(named)("refuses the recorded request %s with another nonce", ([, request]) => {
    // Its first characters need no escape in any client.
    const nonce = member(request, "SignatureNonce", "x-acs-signature-nonce").slice(0, 8)
    const other = nonce.replace(/^./, (first) => (first === "0" ? "1" : "0"))
    const url = request.url.replace(nonce, other)
    const headers = Object.entries(request.headers).map(([name, value]) => [name, value.replace(nonce, other)])
    const changed = { ...request, url, headers: Object.fromEntries(headers), body: request.body.replace(nonce, other) }
    expect(outcome(send(changed))).toBe("SignatureDoesNotMatch")
  })
})
