/** `npm run histories`: plays rounds and judges each history. */
// `-- --rounds N --nodes 2|3 [--seed N] [--without-proof]` plays on engines in this process, with `--store postgres` on
// PostgreSQL. `--processes [--fault none|stop|kill|cut|commit|backend|restart|skew] [--stop-millis N] [--timeout-millis N]`
// plays on `keystate serve` processes over PostgreSQL; without `--fault` each fault has its share.
import { parseArgs } from "node:util"
import { Effect, Logger } from "effect"
import { startPostgres } from "../../src/development/postgres.ts"
import { endOnSignal } from "../nodes/endOnSignal.ts"
import { onPostgres } from "./onPostgres.ts"
import { historyText, isSound, playRound } from "./history.ts"
import { isProcessFault, processFaults } from "./processFaults.ts"
import { playProcesses } from "./runProcesses.ts"
import type { Tally } from "./runProcesses.ts"
import { faults } from "./weather.ts"

endOnSignal()
const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "40" },
    nodes: { type: "string", default: "2" },
    seed: { type: "string", default: "1" },
    store: { type: "string", default: "memory" },
    processes: { type: "boolean", default: false },
    fault: { type: "string" },
    "stop-millis": { type: "string", default: "3000" },
    "timeout-millis": { type: "string" },
    "without-proof": { type: "boolean", default: false }
  }
})
const timeout = values["timeout-millis"]
const isProven = !values["without-proof"]
const [rounds, nodes, seed] = [Number(values.rounds), Number(values.nodes), Number(values.seed)]

const chosenFaults = () => {
  const { fault } = values
  if (fault === undefined) return processFaults
  if (!isProcessFault(fault)) throw new Error(`--fault takes ${processFaults.join(", ")}, not ${fault}.`)
  return [fault]
}

const playEngines = async (): Promise<Tally> => {
  const server = values.store === "postgres" ? await startPostgres() : undefined
  const makeStore = server === undefined ? undefined : onPostgres(server)
  const tally: Tally = { histories: 0, operations: 0, unsound: 0, damage: 0 }
  for (let at = 0; at < rounds; at++) {
    const fault = faults[at % faults.length] ?? "none"
    const round = { seed: seed + at, nodes, fault, isProven, operationsPerRegister: 60, clients: 8 }
    const { findings, histories } = await Effect.runPromise(
      playRound(round, makeStore).pipe(Effect.provide(Logger.layer([])))
    )
    tally.damage += findings.length
    for (const { finding } of findings) process.stdout.write(`the store is damaged, seed ${round.seed}: ${finding}\n`)
    for (const history of histories) {
      tally.histories++
      tally.operations += history.operations.length
      if (isSound(history)) continue
      tally.unsound++
      if (isProven)
        process.stdout.write(`not linearizable, seed ${round.seed}, fault ${fault}: ${historyText(history)}\n`)
    }
  }
  await server?.close()
  return tally
}

const startedAt = performance.now()
const { damage, histories, operations, unsound } = values.processes
  ? await playProcesses({
      rounds,
      nodes,
      seed,
      faults: chosenFaults(),
      isProven,
      stopMillis: Number(values["stop-millis"]),
      timeoutMillis: timeout === undefined ? undefined : Number(timeout)
    })
  : await playEngines()
const seconds = Math.round((performance.now() - startedAt) / 1000)
process.stdout.write(
  `${nodes} nodes, proof ${isProven ? "on" : "off"}: ${histories} histories, ${operations} operations, ` +
    `${unsound} not linearizable, ${seconds} s\n`
)
const isAsExpected = isProven ? unsound === 0 && damage === 0 : unsound >= histories / 2
process.exitCode = isAsExpected ? 0 : 1
