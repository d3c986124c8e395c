/** `keystate health`: whether a running server can do its work. For operators and for health checks of containers. */
import { Effect, Option, Schema } from "effect"
import { Command } from "effect/cli"
import { endpointFault, tlsFault } from "./endpoint.ts"
import { ending } from "../output/ending.ts"
import { print } from "../output/print.ts"
import { columns } from "../output/readable.ts"
import { text, yes } from "../settings/flags.ts"

const flags = {
  endpoint: text(
    { flag: "endpoint", setting: "endpoint", about: "URL of the server, or of its --monitoring-port" },
    "http://127.0.0.1:8787"
  ),
  json: yes({ flag: "json", setting: "json", about: "Print the checks as JSON" })
} as const

const Readiness = Schema.Struct({
  ready: Schema.Boolean,
  checks: Schema.Array(
    Schema.Struct({
      name: Schema.String,
      ok: Schema.Boolean,
      detail: Schema.optionalKey(Schema.String),
      hint: Schema.optionalKey(Schema.String)
    })
  )
})

/** A server that takes longer to answer counts as unhealthy. */
const millisMax = 10_000

const answerOf = (endpoint: string) =>
  Effect.tryPromise({
    try: async () => {
      const url = new URL("/readyz", endpoint)
      const response = await fetch(url, { signal: AbortSignal.timeout(millisMax), redirect: "error" })
      const answer: unknown = await response.json()
      return answer
    },
    catch: (failure) => failure
  })

const reasonOf = (failure: unknown): string => {
  if (!(failure instanceof Error)) return "unknown"
  return failure.cause instanceof Error ? failure.cause.message : failure.message
}

const lines = (checks: (typeof Readiness.Type)["checks"]): ReadonlyArray<string> =>
  columns(
    checks.map(({ name, ok, detail = "", hint }) => [
      ok ? "ok" : "FAILED",
      name,
      hint === undefined ? detail : `${detail}. ${hint}`
    ])
  )

export const health = Command.make("health", flags, ({ endpoint, json }) =>
  Effect.gen(function* () {
    const fault = endpointFault(endpoint)
    if (fault !== undefined) return yield* ending(1, fault)
    const answer = yield* Effect.result(answerOf(endpoint))
    if (answer._tag === "Failure") {
      const reason = tlsFault(endpoint, answer.failure) ?? `${endpoint} does not answer: ${reasonOf(answer.failure)}.`
      return yield* ending(1, reason)
    }
    const found = Schema.decodeUnknownOption(Readiness)(answer.success)
    if (Option.isNone(found)) return yield* ending(1, `${endpoint} has no /readyz: it is not a Keystate server.`)
    const { checks, ready } = found.value
    yield* print("health", {
      value: found.value,
      normally: json ? "json" : "table",
      table: () => lines(checks),
      items: () => checks
    })
    return yield* ready ? Effect.void : ending(1, `The server at ${endpoint} is not ready.`)
  })
).pipe(
  Command.withExamples([
    { command: "keystate health", description: "The server on this machine" },
    { command: "keystate health --endpoint http://127.0.0.1:9090", description: "A server with --monitoring-port 9090" }
  ])
)
