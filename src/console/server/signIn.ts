/** Signing in to the console and out of it; the audit log records both. */
import type { IncomingMessage } from "node:http"
import { Effect, Redacted, Result } from "effect"
import type { Audit } from "../../audit/audit.ts"
import { callerArn } from "../../authorization/caller.ts"
import type { Randomness } from "../../platform/services.ts"
import type { LifecycleClock } from "../../timers/clock.ts"
import type { SessionView } from "../protocol.ts"
import type { Exchange } from "./exchange.ts"
import { signInFaults, unavailable } from "./faults.ts"
import { json, refuseWith } from "./http.ts"
import type { Session, Sessions } from "./sessions.ts"

export interface SignInServices {
  readonly sessions: Sessions["Service"]
  readonly audit: Audit["Service"]
  readonly clock: LifecycleClock["Service"]
  readonly randomness: Randomness["Service"]
  /** The path the cookie is sent to. */
  readonly root: string
  /** The client's address, behind a trusted proxy too. */
  readonly addressOf: (request: IncomingMessage) => string | undefined
  /** Whether the client's connection is encrypted, behind a trusted proxy too. */
  readonly isEncrypted: (request: IncomingMessage) => boolean
  readonly view: (session: Session) => SessionView
}

export interface SignIn {
  readonly signIn: (exchange: Exchange, body: Readonly<Record<string, unknown>>) => void
  readonly signOut: (exchange: Exchange, session: Session) => void
}

/**
 * Servers on other ports of the same machine have their own cookies. The port is the one that the browser uses, so that
 * all servers behind a balancer share a cookie.
 */
export const cookieName = ({ headers }: IncomingMessage): string => {
  const [, port = "0"] = /:([0-9]{1,5})$/.exec(headers.host ?? "") ?? []
  return `keystate_${port}`
}

const textIn = (value: unknown): string => (typeof value === "string" ? value.trim() : "")

export const makeSignIn = (around: SignInServices): SignIn => {
  const { sessions } = around

  const note = (principal: string, operation: string, outcome: string): void =>
    around.audit.record({
      at: around.clock.now(),
      requestId: around.randomness.uuid(),
      principal,
      operation,
      keyId: null,
      outcome,
      before: null,
      after: null
    })

  const setCookie = ({ request, response }: Exchange, value: string, more: string): void => {
    const secure = around.isEncrypted(request) ? "; Secure" : ""
    response.setHeader(
      "set-cookie",
      `${cookieName(request)}=${value}; Path=${around.root}; HttpOnly; SameSite=Strict${secure}${more}`
    )
  }

  return {
    signIn: (exchange, body) => {
      const { request, response } = exchange
      const from = around.addressOf(request) ?? ""
      const { token, accessKeyId, accessKeySecret, securityToken } = body
      const secret = Redacted.make(textIn(accessKeySecret))
      const given = { accessKeyId: textIn(accessKeyId), secret, securityToken: textIn(securityToken) || undefined }
      const signedIn = typeof token === "string" ? sessions.withToken(token) : sessions.withAccessKey(given, from)
      Effect.runFork(signedIn).addObserver((exit) => {
        if (exit._tag === "Failure") return refuseWith(response, unavailable)
        const found = exit.value
        if (Result.isFailure(found)) {
          const fault = signInFaults[found.failure]
          note("unauthenticated", "ConsoleSignIn", fault.code)
          return refuseWith(response, fault)
        }
        const session = found.success
        note(callerArn(session.caller), "ConsoleSignIn", "Success")
        setCookie(exchange, session.id, "")
        return json(response, 200, { ok: true, reply: around.view(session) })
      })
    },
    signOut: (exchange, session) => {
      Effect.runFork(sessions.end(session.id)).addObserver((exit) => {
        if (exit._tag === "Failure") return refuseWith(exchange.response, unavailable)
        note(callerArn(session.caller), "ConsoleSignOut", "Success")
        setCookie(exchange, "", "; Max-Age=0")
        return json(exchange.response, 200, { ok: true, reply: {} })
      })
    }
  }
}
