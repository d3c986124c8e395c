/** The part of `npm run histories` that plays on processes. */
import { startPostgres } from "../../src/development/postgres.ts"
import { startCluster } from "../nodes/cluster.ts"
import type { Cluster } from "../nodes/cluster.ts"
import { damageOf } from "../nodes/campaigns/campaign.ts"
import { closeConnections } from "../nodes/signedHttp.ts"
import { historyText, isSound } from "./history.ts"
import { playProcessRound } from "./processRounds.ts"
import type { ProcessFault } from "./processFaults.ts"

export interface ProcessRun {
  readonly rounds: number
  readonly nodes: number
  readonly seed: number
  readonly faults: ReadonlyArray<ProcessFault>
  readonly isProven: boolean
  readonly stopMillis: number
  /** How long a node waits for its database; the default of `keystate serve` if absent. */
  readonly timeoutMillis: number | undefined
  /** The command file of another release: every second node runs it, and the schema is migrated from it on the way. */
  readonly otherRelease: string | undefined
}

export interface Tally {
  histories: number
  operations: number
  unsound: number
  /** The findings of `keystate verify`, and nodes that ended by themselves. */
  damage: number
}

const say = (line: string): void => void process.stdout.write(`${line}\n`)

/** An account takes 200 keys, and a round makes five. */
const roundsPerStore = 30

interface Planned {
  readonly seed: number
  readonly fault: ProcessFault
}

const playPlanned = async (run: ProcessRun, cluster: Cluster, tally: Tally, planned: Planned): Promise<void> => {
  const { isProven, stopMillis } = run
  const startedAt = performance.now()
  const round = { ...planned, operationsPerRegister: 60, clients: 8, stopMillis }
  const { faults, histories } = await playProcessRound(cluster, round)
  const seconds = Math.round((performance.now() - startedAt) / 1000)
  const unsound = histories.filter((history) => !isSound(history))
  const operations = histories.reduce((sum, history) => sum + history.operations.length, 0)
  tally.histories += histories.length
  tally.operations += operations
  tally.unsound += unsound.length
  if (isProven) for (const history of unsound) say(`not linearizable, seed ${planned.seed}: ${historyText(history)}`)
  say(
    `seed ${planned.seed}, fault ${planned.fault} (${faults} times): ${histories.length} histories, ` +
      `${operations} operations, ${unsound.length} not linearizable, ${seconds} s`
  )
}

const migrate = async (cluster: Cluster): Promise<void> => {
  await cluster.migrate()
  say("keystate migrate of this release has run")
}

/** Rounds on one store after the other. */
const playAll = async (run: ProcessRun, planned: ReadonlyArray<Planned>, tally: Tally): Promise<void> => {
  const server = await startPostgres({ max_connections: "100" })
  for (let from = 0; from < planned.length; from += roundsPerStore) {
    const part = planned.slice(from, from + roundsPerStore)
    const cluster = await startCluster(server, {
      nodes: run.nodes,
      isProven: run.isProven,
      timeoutMillis: run.timeoutMillis,
      hasClocks: part.some(({ fault }) => fault === "skew"),
      otherRelease: run.otherRelease
    })
    for (const [at, one] of part.entries()) {
      const isHalf = run.otherRelease !== undefined && at === part.length >> 1
      await Promise.all([playPlanned(run, cluster, tally, one), isHalf ? migrate(cluster) : undefined])
    }
    const damage = await damageOf(cluster)
    tally.damage += damage.length
    for (const line of damage) say(line)
    say(`verify found ${damage.length} faults after ${part.length} rounds`)
    await cluster.close()
  }
  await server.close()
}

/** Divides the rounds among the faults. Nodes whose clocks can be set are slow, so their rounds run separately. */
export const playProcesses = async (run: ProcessRun): Promise<Tally> => {
  const tally: Tally = { histories: 0, operations: 0, unsound: 0, damage: 0 }
  const { faults, rounds, seed } = run
  const planned = Array.from({ length: rounds }, (_, at): Planned => {
    return { seed: seed + at, fault: faults[at % faults.length] ?? "none" }
  })
  for (const isSkewed of [false, true]) {
    const part = planned.filter(({ fault }) => (fault === "skew") === isSkewed)
    if (part.length > 0) await playAll(run, part, tally)
  }
  closeConnections()
  return tally
}
