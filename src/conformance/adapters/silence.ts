/** A call without an answer from a service that answers others: a fault of the service, not the end of its test. */
import type { Answer } from "./adapter.ts"

type Refused = Extract<Answer, { readonly ok: false }>

const closed: Refused = { ok: false, code: "ConnectionClosed", httpStatus: 502, message: "no answer before the end" }
const late: Refused = { ok: false, code: "NoAnswerInTime", httpStatus: 504, message: "no answer in time" }

const closing: ReadonlySet<unknown> = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"])

const silenceOf = (error: unknown): Refused | undefined => {
  if (!(error instanceof Error)) return undefined
  const cause: unknown = error.cause
  const codes = [error, cause].map((one) => (typeof one === "object" && one !== null ? Reflect.get(one, "code") : ""))
  if (codes.some((code) => closing.has(code))) return closed
  return error.name === "TimeoutError" ? late : undefined
}

/**
 * A closed connection may have been idle, so the call is sent once more. A call that has no answer then is reported as
 * such, unless the service answers nothing at all.
 */
export const orSilence = async (
  ask: () => Promise<Answer>,
  isThere: () => Promise<unknown>,
  retries = 1
): Promise<Answer> => {
  try {
    return await ask()
  } catch (error) {
    const silence = silenceOf(error)
    if (silence === undefined) throw error
    if (silence === closed && retries > 0) return orSilence(ask, isThere, retries - 1)
    await isThere()
    return silence
  }
}
