/** The paths for monitoring: `/livez`, `/readyz`, `/metrics`. */
import { createServer } from "node:http"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import { Effect } from "effect"
import type { TokenConnection } from "../crypto/hsm/connection.ts"
import { readiness } from "../monitoring/health.ts"
import type { Readiness } from "../monitoring/health.ts"
import type { Metrics } from "../monitoring/metrics.ts"
import type { Proofs } from "../proof/proofs.ts"
import type { Store } from "../store/store.ts"
import type { LifecycleClock } from "../timers/clock.ts"
import type { Timers } from "../timers/timers.ts"
import { maySeeServer } from "../wire/addresses.ts"
import { json, plain, prometheus, text } from "./answers.ts"
import type { Pipeline } from "./pipeline.ts"

export type MonitoredServices = Store | Timers | LifecycleClock | Proofs | TokenConnection

export interface Monitored {
  /** Names under which other machines see details. */
  readonly allowedHosts: ReadonlyArray<string>
  readonly pipeline: Pipeline["Service"]
  readonly metrics: Metrics["Service"]
  readonly run: <A, E>(effect: Effect.Effect<A, E, MonitoredServices>) => unknown
}

const foreignHost = "This is available only on the machine itself, or under a name given with --allowed-host.\n"

/** Details have counts of all accounts, so other hosts get none. */
const inBrief = ({ ready, checks }: Readiness) => ({ ready, checks: checks.map(({ name, ok }) => ({ name, ok })) })

const answerReadiness = ({ pipeline, run }: Monitored, response: ServerResponse, isWhole: boolean): void =>
  void run(
    Effect.map(readiness(pipeline.refusedStamps()), (state) => {
      const body = `${JSON.stringify(isWhole ? state : inBrief(state))}\n`
      plain(response, { status: state.ready ? 200 : 503, contentType: json, body })
    })
  )

const answerMetrics = ({ metrics, run }: Monitored, response: ServerResponse): void =>
  void run(Effect.map(metrics.text, (body) => plain(response, { status: 200, contentType: prometheus, body })))

/** Answers a monitoring path; false for any other path. `isWhole` is whether details may be seen. */
const answerPath = (state: Monitored, path: string, response: ServerResponse, isWhole: boolean): boolean => {
  switch (path) {
    case "/livez":
      plain(response, { status: 200, contentType: text, body: "ok\n" })
      return true
    case "/readyz":
      answerReadiness(state, response, isWhole)
      return true
    case "/metrics":
      if (isWhole) answerMetrics(state, response)
      else plain(response, { status: 421, contentType: text, body: foreignHost })
      return true
    default:
      return false
  }
}

/** Answers a monitoring path; false for any other path. */
export const answerMonitoring = (
  state: Monitored,
  path: string,
  request: IncomingMessage,
  response: ServerResponse
): boolean => answerPath(state, path, response, maySeeServer(request, state.allowedHosts))

const noSuchPath = "This port has /livez, /readyz and /metrics.\n"

/** A server for these paths only, open to everyone who can reach its port. */
export const makeMonitoringServer = (state: Monitored, limits: Parameters<typeof createServer>[0]): Server =>
  createServer(limits, (request, response) => {
    const path = (request.url ?? "/").split("?")[0] ?? ""
    if (request.method === "GET" && answerPath(state, path, response, true)) return
    plain(response, { status: 404, contentType: text, body: noSuchPath })
  })
