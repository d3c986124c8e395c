/** Rounds of histories on nodes that are processes. */
import { Effect } from "effect"
import { doorTo } from "../nodes/signedHttp.ts"
import type { Cluster, Member } from "../nodes/cluster.ts"
import { playClients } from "./history.ts"
import type { History } from "./history.ts"
import { processTrouble } from "./processFaults.ts"
import type { Chance, ProcessFault } from "./processFaults.ts"
import { furnish } from "./registers.ts"
import type { Register } from "./registers.ts"
import { numbersFrom } from "./weather.ts"

export interface ProcessRound {
  readonly seed: number
  readonly fault: ProcessFault
  readonly operationsPerRegister: number
  readonly clients: number
  readonly stopMillis: Chance["stopMillis"]
}

export interface PlayedRound {
  readonly histories: ReadonlyArray<History>
  /** The number of faults. */
  readonly faults: number
}

/** Creates the names of the registers again if a busy machine was too slow for the first ones. */
const furnishesMax = 20

const furnished = async (member: Member, label: string, attempt = 1): Promise<ReadonlyArray<Register>> => {
  try {
    return await Effect.runPromise(
      furnish(
        doorTo(member, () => patience.most),
        `${label}-${attempt}`
      )
    )
  } catch (fault) {
    if (attempt === furnishesMax) throw fault
    return furnished(member, label, attempt + 1)
  }
}

/** The time limit of a client, milliseconds: the request may still be performed. */
const patience = { least: 2000, most: 10_000 }
/** Half of the operations follow immediately; the others leave time for faults. */
const restMillis = 150
/** The wait after a failure, so that clients do not call only an absent node. */
const afterFailureMillis = 250

export const playProcessRound = async (cluster: Cluster, round: ProcessRound): Promise<PlayedRound> => {
  const random = numbersFrom(round.seed)
  const waits = () => patience.least + random() * (patience.most - patience.least)
  const doors = cluster.members.map((member) => doorTo(member, waits))
  const registers = await furnished(cluster.members[0], String(round.seed))
  let faults = 0
  const trouble = processTrouble(cluster, round.fault, { random, stopMillis: round.stopMillis }, () => faults++)
  const rest = (isTold: boolean): Effect.Effect<void> => {
    if (!isTold) return Effect.sleep(random() * afterFailureMillis)
    return random() < 0.5 ? Effect.void : Effect.sleep(random() * restMillis)
  }
  const { clients, operationsPerRegister } = round
  const histories = await Effect.runPromise(
    playClients({ doors, registers, random, operationsPerRegister, clients, rest }, trouble)
  )
  await cluster.ready()
  return { histories, faults: round.fault === "none" ? 0 : faults }
}
