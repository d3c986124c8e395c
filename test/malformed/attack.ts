/** The attack: lanes that send malformed requests to one service, and everything that the service did wrong. */
import { chanceFrom } from "./hostile.ts"
import { faultOf } from "./judge.ts"
import { makeLane } from "./exchange.ts"
import type { Lane } from "./exchange.ts"
import { messageFrom } from "./messages.ts"
import { startService } from "./service.ts"
import type { Service } from "./service.ts"
import { askSoundly, gatherSoundValues } from "./soundValues.ts"
import type { SoundValues } from "./messages.ts"

export interface Attack {
  /** The number after the last request. */
  readonly requests: number
  /** The number of the first request, if not 0. */
  readonly first?: number
  readonly seed: number
  readonly lanes: number
  /** How long an answer may take, in milliseconds. */
  readonly limitMillis: number
  readonly onProgress?: (done: number, residentBytes: number) => void
}

export interface Fault {
  /** The number of the request: with the seed it names the request. */
  readonly at: number
  readonly says: string
  readonly why: string
}

export interface Found {
  readonly faults: ReadonlyArray<Fault>
  /** Answers by status; closed connections by that word. */
  readonly answers: ReadonlyMap<string, number>
  /** Resident bytes of the service after a fifth of the requests, and at the end. */
  readonly resident: readonly [number, number]
}

/** A request is a function of the seed and its number; the lane does not matter. */
const seedOf = (seed: number, at: number): number => Math.imul(seed + 1, 0x9e3779b1) + at

/** The attack stops after this number of faults. */
const faultsMax = 20
const progressEvery = 5000

interface State {
  readonly attack: Attack
  readonly service: Service
  readonly sound: SoundValues
  readonly faults: Array<Fault>
  readonly answers: Map<string, number>
  next: number
  early: number
}

const sendNext = async (state: State, lane: Lane, at: number): Promise<void> => {
  const { answers, attack, faults, service, sound } = state
  const { bytes, isWhole, says } = messageFrom(chanceFrom(seedOf(attack.seed, at)), sound)
  const answer = await lane.ask(bytes, isWhole)
  const name = answer.kind === "answer" ? String(answer.status) : answer.kind
  answers.set(name, (answers.get(name) ?? 0) + 1)
  const why = service.ended() ?? faultOf(answer, says, isWhole)
  if (why !== undefined) faults.push({ at, says, why })
  if (at === Math.floor(attack.requests / 5)) state.early = service.residentBytes()
  if (at % progressEvery === progressEvery - 1) attack.onProgress?.(at + 1, service.residentBytes())
}

const isOver = ({ attack, faults, next, service }: State): boolean =>
  next >= attack.requests || faults.length >= faultsMax || service.ended() !== undefined

const runLane = async (state: State, lane: Lane): Promise<void> => {
  while (!isOver(state)) await sendNext(state, lane, state.next++)
  lane.close()
}

const lanesTo = ({ plainPort, securePort }: Service, { lanes, limitMillis }: Attack): ReadonlyArray<Lane> =>
  Array.from({ length: lanes }, (_, i) => {
    const isEncrypted = i % 4 === 3
    return makeLane({ port: isEncrypted ? securePort : plainPort, isEncrypted }, limitMillis)
  })

/** The service still works, and its store is sound. */
const checkAfter = async ({ attack, faults, service }: State, url: string): Promise<void> => {
  const note = (why: string | undefined): void => {
    if (why !== undefined) faults.push({ at: attack.requests, says: "after the attack", why })
  }
  note(service.ended())
  if (service.ended() === undefined) await askSoundly(url).catch((error: unknown) => note(String(error)))
  await service.stop()
  note(service.damage())
}

export const attackService = async (attack: Attack): Promise<Found> => {
  const service = await startService()
  try {
    const url = `http://127.0.0.1:${service.plainPort}`
    const sound = await gatherSoundValues(url)
    const state: State = { attack, service, sound, faults: [], answers: new Map(), next: attack.first ?? 0, early: 0 }
    await Promise.all(lanesTo(service, attack).map((lane) => runLane(state, lane)))
    const late = service.ended() === undefined ? service.residentBytes() : 0
    await checkAfter(state, url)
    return { faults: state.faults, answers: state.answers, resident: [state.early, late] }
  } finally {
    await service.stop()
    service.removeStore()
  }
}
