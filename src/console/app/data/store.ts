/** The state of the console: the session, the keys, the clock, and whether the stream is connected. */
import { useSyncExternalStore } from "react"
import type { ClockView, HappeningView, KeyRow, Refusal, SessionView } from "../../protocol.ts"
import { currentSession, isRecord, onSessionLost, readClock, readKey, readSnapshot, signOut } from "./api.ts"
import { listenLive } from "./live.ts"
import type { LiveEvent } from "./live.ts"

export interface ConsoleState {
  /** Undefined until it is known. */
  readonly signedIn: boolean | undefined
  readonly session: SessionView | undefined
  readonly region: string
  /** Undefined until the first snapshot. */
  readonly keys: ReadonlyMap<string, KeyRow> | undefined
  readonly refused: Refusal | undefined
  readonly clock: ClockView | undefined
  /** Real time at which the clock was read. */
  readonly clockReadAt: number
  readonly live: boolean
  /** Events heard since the page was opened, newest last. */
  readonly heard: ReadonlyArray<HappeningView>
  /** Why the last session ended, for the sign-in page. */
  readonly notice: string | undefined
}

const empty: ConsoleState = {
  signedIn: undefined,
  session: undefined,
  region: "",
  keys: undefined,
  refused: undefined,
  clock: undefined,
  clockReadAt: 0,
  live: false,
  heard: [],
  notice: undefined
}

const heardMax = 100

let state = empty
let stopListening: (() => void) | undefined
const subscribers = new Set<() => void>()

const set = (change: Partial<ConsoleState>): void => {
  state = { ...state, ...change }
  for (const subscriber of subscribers) subscriber()
}

const subscribe = (subscriber: () => void): (() => void) => {
  subscribers.add(subscriber)
  return () => subscribers.delete(subscriber)
}

export const useConsole = (): ConsoleState => useSyncExternalStore(subscribe, () => state)
export const consoleState = (): ConsoleState => state

/** The lifecycle clock in milliseconds, counted on from its last reading unless it is frozen. */
export const lifecycleNow = (): number => {
  const { clock, clockReadAt } = state
  if (clock === undefined) return Date.now()
  return clock.mode === "frozen" ? clock.now : clock.now + (Date.now() - clockReadAt)
}

const tookClock = (clock: ClockView): Partial<ConsoleState> => ({ clock, clockReadAt: Date.now() })

const waiting = new Set<string>()
let isRefreshing = false

/** Reads each changed key once, even if it changed several times. */
const refreshWaiting = async (): Promise<void> => {
  if (isRefreshing) return
  isRefreshing = true
  await new Promise((resolve) => setTimeout(resolve, 60))
  while (waiting.size > 0) {
    const [keyId = ""] = waiting
    waiting.delete(keyId)
    await refreshKey(keyId)
  }
  isRefreshing = false
}

/** Reads one key again and shows it everywhere. A deleted key leaves the list. */
export const refreshKey = async (keyId: string): Promise<KeyRow | undefined> => {
  const { region } = state
  const answer = await readKey(region, keyId)
  if (!answer.ok || state.region !== region || state.keys === undefined) return undefined
  const keys = new Map(state.keys)
  if (answer.reply.refused?.code === "Forbidden.KeyNotFound") keys.delete(keyId)
  else keys.set(answer.reply.keyId, answer.reply)
  set({ keys })
  return answer.reply
}

const isClock = (data: unknown): data is ClockView => isRecord(data) && typeof data["now"] === "number"
const isHappening = (data: unknown): data is HappeningView => isRecord(data) && typeof data["keyId"] === "string"

const hear = ({ event, data }: LiveEvent): void => {
  if (event === "clock" && isClock(data)) set(tookClock(data))
  else if (event === "gap") void reload()
  else if (event === "end") lose("Your session has ended. Sign in again.")
  else if (event === "key" && isHappening(data)) {
    waiting.add(data.keyId)
    set({ heard: [...state.heard, data].slice(-heardMax) })
    void refreshWaiting()
    void refreshClock()
  }
}

export const refreshClock = async (): Promise<void> => {
  const answer = await readClock()
  if (answer.ok) set(tookClock(answer.reply))
}

/** Reads a snapshot, then listens for events after it, so that none is missed in between. */
const reload = async (): Promise<void> => {
  stopListening?.()
  const { region } = state
  const answer = await readSnapshot(region)
  if (state.region !== region || state.signedIn !== true) return
  if (!answer.ok) {
    set({ live: false, refused: answer.refusal, keys: state.keys ?? new Map() })
    if (answer.refusal.httpStatus === 0) setTimeout(() => void reload(), 3000)
    return
  }
  const { at, clock, keys, refused } = answer.reply
  set({ keys: new Map(keys.map((row) => [row.keyId, row])), refused, ...tookClock(clock) })
  stopListening = listenLive(region, at, { heard: hear, connected: (live) => set({ live }) })
}

const regionName = "keystate.region"

export const begin = (session: SessionView): void => {
  const kept = localStorage.getItem(regionName)
  const region = kept !== null && session.regions.includes(kept) ? kept : session.region
  set({ ...empty, signedIn: true, session, region, ...tookClock(session.clock) })
  void reload()
}

export const chooseRegion = (region: string): void => {
  localStorage.setItem(regionName, region)
  set({ region, keys: undefined, refused: undefined, heard: [] })
  void reload()
}

const lose = (notice: string | undefined): void => {
  stopListening?.()
  if (state.signedIn !== false) set({ ...empty, signedIn: false, notice })
}

export const leave = async (): Promise<void> => {
  stopListening?.()
  await signOut()
  lose(undefined)
}

let isStarted = false

/** Runs once per page. A late answer must not end a newer session. */
export const start = async (): Promise<void> => {
  if (isStarted) return
  isStarted = true
  onSessionLost(() => lose("Your session has ended. Sign in again."))
  const session = await currentSession()
  if (session === undefined) set({ signedIn: false })
  else begin(session)
}
