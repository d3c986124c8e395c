/** `npm run histories -- --rounds N --nodes 2|3 [--store postgres] [--without-proof]`: plays rounds and judges each history. */
import { parseArgs } from "node:util"
import { Effect, Logger } from "effect"
import { startPostgres } from "../../src/development/postgres.ts"
import { onPostgres } from "./onPostgres.ts"
import { historyText, isSound, playRound } from "./history.ts"
import { faults } from "./weather.ts"

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "40" },
    nodes: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    store: { type: "string", default: "memory" },
    "without-proof": { type: "boolean", default: false }
  }
})
const isProven = !values["without-proof"]
const [rounds, nodes, seed] = [Number(values.rounds), Number(values.nodes), Number(values.seed)]

const server = values.store === "postgres" ? await startPostgres() : undefined
const makeStore = server === undefined ? undefined : onPostgres(server)

let [count, operations, unsound, damaged] = [0, 0, 0, 0]
const startedAt = performance.now()
for (let at = 0; at < rounds; at++) {
  const fault = faults[at % faults.length] ?? "none"
  const round = { seed: seed + at, nodes, fault, isProven, operationsPerRegister: 60, clients: 8 }
  const { findings, histories } = await Effect.runPromise(
    playRound(round, makeStore).pipe(Effect.provide(Logger.layer([])))
  )
  damaged += findings.length
  for (const { finding } of findings) process.stdout.write(`the store is damaged, seed ${round.seed}: ${finding}\n`)
  for (const history of histories) {
    count++
    operations += history.operations.length
    if (isSound(history)) continue
    unsound++
    if (isProven)
      process.stdout.write(`not linearizable, seed ${round.seed}, fault ${fault}: ${historyText(history)}\n`)
  }
}
const seconds = Math.round((performance.now() - startedAt) / 1000)
process.stdout.write(
  `${nodes} nodes, proof ${isProven ? "on" : "off"}: ${count} histories, ${operations} operations, ` +
    `${unsound} not linearizable, ${seconds} s\n`
)
process.exitCode = damaged === 0 && isProven === (unsound === 0) ? 0 : 1
await server?.close()
