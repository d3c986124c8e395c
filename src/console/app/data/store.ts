/** The state of the console: the session, the keys that a page shows one by one, the clock, and the event stream. */
import { useSyncExternalStore } from "react"
import type { ClockView, KeyChangeView, KeyRow, SessionView } from "../../protocol.ts"
import {
  currentSession,
  isRecord,
  isTemporary,
  onSessionLost,
  readClock,
  readKey,
  readSnapshot,
  signOut
} from "./api.ts"
import { listenLive } from "./live.ts"
import type { LiveEvent } from "./live.ts"
import { setQuery } from "./router.tsx"
import type { PlainText } from "../text/text.ts"

export interface ConsoleState {
  /** Undefined until it is known. */
  readonly signedIn: boolean | undefined
  readonly session: SessionView | undefined
  readonly region: string
  /** Keys whose pages are open. They are read again when they change. */
  readonly keys: ReadonlyMap<string, KeyRow>
  readonly clock: ClockView | undefined
  /** Real time at which the clock was read. */
  readonly clockReadAt: number
  readonly live: boolean
  /** Grows when changes may have been missed: everything shown is read again. */
  readonly reloads: number
  /** Events heard since the page was opened, newest last. */
  readonly heard: ReadonlyArray<KeyChangeView>
  /** The position of the last event of another region. */
  readonly heardElsewhere: string
  /** Why the last session ended, for the sign-in page. */
  readonly notice: PlainText | undefined
}

const empty: ConsoleState = {
  signedIn: undefined,
  session: undefined,
  region: "",
  keys: new Map(),
  clock: undefined,
  clockReadAt: 0,
  live: false,
  reloads: 0,
  heard: [],
  heardElsewhere: "",
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

/** Reads one key again. A deleted key is answered with the refusal of DescribeKey. */
export const refreshKey = async (keyId: string): Promise<KeyRow | undefined> => {
  const { region } = state
  const answer = await readKey(region, keyId)
  if (!answer.ok || state.region !== region) return undefined
  if (state.keys.has(answer.reply.keyId)) watchKey(answer.reply)
  return answer.reply
}

/** Keeps a key up to date until it is forgotten. */
export const watchKey = (row: KeyRow): void => set({ keys: new Map([...state.keys, [row.keyId, row]]) })

export const forgetKey = (keyId: string): void =>
  set({ keys: new Map([...state.keys].filter(([known]) => known !== keyId)) })

const isClock = (data: unknown): data is ClockView => isRecord(data) && typeof data["now"] === "number"
const isKeyChange = (data: unknown): data is KeyChangeView => isRecord(data) && typeof data["keyId"] === "string"

const hear = ({ event, data }: LiveEvent): void => {
  if (event === "clock" && isClock(data)) set(tookClock(data))
  else if (event === "gap") void reload()
  else if (event === "end") lose("Your session has ended. Sign in again.")
  else if (event === "key" && isKeyChange(data)) {
    if (data.region !== state.region) return set({ heardElsewhere: data.at })
    if (state.keys.has(data.keyId)) waiting.add(data.keyId)
    set({ heard: [...state.heard, data].slice(-heardMax) })
    void refreshWaiting()
    void refreshClock()
  }
}

export const refreshClock = async (): Promise<void> => {
  const answer = await readClock()
  if (answer.ok) set(tookClock(answer.reply))
}

/** Reads the place in the stream, then listens from there, so that no change is missed in between. */
const reload = async (): Promise<void> => {
  stopListening?.()
  const { region } = state
  const answer = await readSnapshot(region)
  if (state.region !== region || state.signedIn !== true) return
  if (!answer.ok) {
    set({ live: false })
    if (isTemporary(answer.refusal)) setTimeout(() => void reload(), 3000)
    return
  }
  const { at, clock } = answer.reply
  for (const keyId of state.keys.keys()) waiting.add(keyId)
  set({ reloads: state.reloads + 1, ...tookClock(clock) })
  void refreshWaiting()
  stopListening = listenLive(region, at, { heard: hear, connected: (live) => set({ live }) })
}

const regionName = "keystate.region"

/** The region of a link to a key of another region. It is taken out of the address, where it would outlast a choice. */
const regionInAddress = (): string | undefined => {
  const region = new URLSearchParams(location.search).get("region") ?? undefined
  if (region !== undefined) setQuery({ region: undefined })
  return region
}

export const begin = (session: SessionView): void => {
  const kept = regionInAddress() ?? localStorage.getItem(regionName)
  const region = kept !== null && session.regions.includes(kept) ? kept : session.region
  set({ ...empty, signedIn: true, session, region, ...tookClock(session.clock) })
  void reload()
}

export const chooseRegion = (region: string): void => {
  localStorage.setItem(regionName, region)
  set({ region, keys: new Map(), heard: [] })
  void reload()
}

const lose = (notice: PlainText | undefined): void => {
  stopListening?.()
  if (state.signedIn !== false) set({ ...empty, signedIn: false, notice })
}

export const leave = async (): Promise<void> => {
  stopListening?.()
  await signOut()
  lose(undefined)
}

const sessionRetryMillis = 1000

let isStarted = false

/** Runs once per page. A late answer must not end a newer session. */
export const start = async (): Promise<void> => {
  if (isStarted) return
  isStarted = true
  onSessionLost(() => lose("Your session has ended. Sign in again."))
  let answer = await currentSession()
  // Without an answer it is unknown whether there is a session, so the page shows no sign-in.
  while (!answer.ok && isTemporary(answer.refusal)) {
    await new Promise((resolve) => setTimeout(resolve, sessionRetryMillis))
    answer = await currentSession()
  }
  if (answer.ok) begin(answer.reply)
  else set({ signedIn: false })
}

/** Differs after each change of a key, and after changes may have been missed. */
export const useChanges = (): string => {
  const { heard, reloads } = useConsole()
  return `${reloads} ${heard.at(-1)?.at ?? ""}`
}
