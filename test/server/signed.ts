/** Signed requests built by hand, so that a test can corrupt one part at a time. */
import { randomUUID } from "node:crypto"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { accessKeyId, secret } from "../guide/serverFixture.ts"

export interface Spoilt {
  readonly accessKeyId?: string
  readonly secret?: string
  readonly nonce?: string
  readonly timestamp?: string
}

/** A signed form for one action. */
export const form = (action: string, parameters: Readonly<Record<string, string>> = {}, spoilt: Spoilt = {}): string =>
  signV1({
    method: "POST",
    parameters: { Action: action, Version: "2016-01-20", Format: "JSON", ...parameters },
    accessKeyId: spoilt.accessKeyId ?? accessKeyId,
    secret: spoilt.secret ?? secret,
    nonce: spoilt.nonce ?? randomUUID(),
    timestamp: spoilt.timestamp ?? formatInstant(Date.now())
  })

export interface Answered {
  readonly status: number
  readonly body: Readonly<Record<string, unknown>>
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

export const post = async (url: string, body: string): Promise<Answered> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body
  })
  const parsed: unknown = await response.json()
  return { status: response.status, body: isRecord(parsed) ? parsed : {} }
}
