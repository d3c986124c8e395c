/** `npm run first-starts -- --rounds 200 --nodes 3`: several first starts at once, each round on an empty database. */
import { Effect } from "effect"
import { startPostgres } from "../../../src/development/postgres.ts"
import { disagreements, firstStartsAtOnce } from "./firstStarts.ts"
import { addressOf } from "../../../src/store/postgres/address.ts"
import { openSession } from "../../../src/store/postgres/session.ts"
import { programOptions } from "../../programOptions.ts"

const { values } = programOptions({
  command: "npm run first-starts -- [options]",
  does: "Starts several nodes at once on an empty PostgreSQL database.",
  options: {
    rounds: { type: "string", default: "200", about: "how many databases" },
    nodes: { type: "string", default: "3", about: "how many first starts at once" }
  }
})
/** Runs a statement that creates or deletes a database. */
const run = (text: string): Promise<unknown> =>
  Effect.gen(function* () {
    const address = addressOf(server.url("postgres"))
    const currentPassword = Effect.succeed(address.password)
    const session = yield* openSession({ ...address, currentPassword, tls: false, connectMillis: () => 30_000 })
    yield* session.run(text, [])
  }).pipe(Effect.scoped, Effect.runPromise)

const [rounds, nodes] = [Number(values.rounds), Number(values.nodes)]
const server = await startPostgres()
let wrong = 0
try {
  for (let round = 0; round < rounds; round++) {
    await run(`CREATE DATABASE round_${round}`)
    const found = disagreements(await firstStartsAtOnce(server.url(`round_${round}`), nodes))
    if (found.length > 0) {
      wrong++
      process.stdout.write(`round ${round}: the starts do not agree on ${found.join(", ")}\n`)
    }
    await run(`DROP DATABASE round_${round} WITH (FORCE)`)
  }
} finally {
  await server.close()
}
process.stdout.write(`${rounds} rounds of ${nodes} first starts at once: ${wrong} without agreement\n`)
process.exitCode = wrong === 0 ? 0 : 1
