/** `keystate serve`: serves the API over HTTP until it is stopped. */
import { Effect } from "effect"
import { Command } from "effect/cli"
import { serveFlags } from "./serveFlags.ts"

export const serve = Command.make("serve", serveFlags, (settings) =>
  Effect.flatMap(
    Effect.promise(() => import("./workers/processes.ts")),
    ({ serveInProcesses }) => serveInProcesses(settings)
  )
).pipe(
  Command.withExamples([
    { command: "keystate serve", description: "Keys in ./.keystate, on http://127.0.0.1:8787" },
    {
      command: "keystate serve --store postgres://keystate@db/keystate --root-key-file /run/secrets/root.key",
      description: "Keys in a PostgreSQL database, which any number of servers share"
    },
    {
      command: "keystate serve --store memory --clock virtual",
      description: "For tests: data is lost at the end, and you move the clock"
    },
    {
      command: "keystate serve --tls self-signed --tls-port 8443",
      description: "HTTPS on port 8443 with a certificate made here, and plain HTTP on port 8787"
    }
  ])
)
