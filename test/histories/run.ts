/** `npm run histories`: plays rounds and judges each history. */
import { Effect, Logger } from "effect"
import { startPostgres } from "../../src/development/postgres.ts"
import { endOnSignal } from "../nodes/endOnSignal.ts"
import { onPostgres } from "./onPostgres.ts"
import { historyText, isSound, playRound } from "./history.ts"
import { isProcessFault, processFaults } from "./processFaults.ts"
import { playProcesses } from "./runProcesses.ts"
import type { Tally } from "./runProcesses.ts"
import { faults } from "./weather.ts"
import { programOptions } from "../programOptions.ts"

endOnSignal()
const { values } = programOptions({
  command: "npm run histories -- [options]",
  does: "Plays rounds of calls on several engines, and judges whether each history is linearizable.",
  options: {
    rounds: { type: "string", default: "40", about: "how many rounds" },
    nodes: { type: "string", default: "2", about: "2 or 3 engines" },
    seed: { type: "string", default: "1", about: "the seed of the first round" },
    store: { type: "string", default: "memory", about: "memory or postgres, for engines in this process" },
    processes: { type: "boolean", default: false, about: "plays on processes of keystate serve over PostgreSQL" },
    fault: {
      type: "string",
      about: `with --processes, only one of ${processFaults.join(", ")}; without it, each has its share`
    },
    "stop-millis": {
      type: "string",
      default: "3000",
      about: "with --processes, how long a stopped process stands still"
    },
    "other-release": {
      type: "string",
      about:
        "with --processes, the keystate.js of another release: its schema is migrated on the way, and every second node runs it"
    },
    "timeout-millis": { type: "string", about: "with --processes, how long a server waits for the database" },
    "without-proof": {
      type: "boolean",
      default: false,
      about: "engines do not ask the store for proof: the control, which fails"
    }
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
      otherRelease: values["other-release"],
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
