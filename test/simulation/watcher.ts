/** Observes every transaction of the store at its instant. */
import { deadlineKinds } from "../../machines/vocabulary.ts"
import type { Plan, Write } from "../../src/plan/plan.ts"
import { clockPositionName } from "../../src/records/metaNames.ts"
import type { StoredRow } from "../../src/records/storedRows.ts"
import { cover } from "./cast.ts"
import type { Findings } from "./cast.ts"
import type { OnCommit } from "./connection.ts"
import { eventIn, makeLedger } from "./ledger.ts"
import type { Ledger, Recorded } from "./ledger.ts"
import type { World } from "./world.ts"

export interface Watcher {
  readonly onCommit: OnCommit
  /** The number of events of a request in the journals. */
  readonly eventsOf: (requestId: string) => number
  /** The number of lines of a request in the audit log. */
  readonly linesOf: (requestId: string) => number
  /** Every stored state of a key, in order. */
  readonly statesOf: (keyId: string) => ReadonlyArray<string>
  /** The position of a virtual clock, or the latest time that a real one may have. */
  readonly clockTime: () => number
  /** When the next deadline after this time is due; undefined if no deadline is armed. */
  readonly nextDue: (after: number) => number | undefined
  /** Everything that was ever written, as text: bytes in hexadecimal. */
  readonly written: () => string
  readonly ledger: Pick<Ledger, "owedAt" | "livedUntil">
  /** A client begins to move the clock, or ends. */
  readonly moves: (by: 1 | -1) => void
}

interface State {
  readonly world: World
  readonly findings: Findings
  readonly clock: "real" | "virtual"
  /** When each deadline of each key is due, by key and kind. */
  readonly due: Map<string, Map<string, number>>
  readonly events: Map<string, number>
  readonly lines: Map<string, number>
  readonly states: Map<string, Array<string>>
  /** When the newest event of each key is dated. */
  readonly newest: Map<string, number>
  /** The position of a virtual clock. */
  position: number
  /** How far the clock that an engine followed was ahead of the world's time at most. */
  ahead: number
  readonly texts: Array<string>
  readonly ledger: Ledger
  /** How many clients move the clock now. */
  moves: number
  /** Whether nothing can make a deadline late: the run has a virtual clock and no faults. */
  readonly isPunctual: boolean
}

const clockTime = ({ ahead, clock, position, world }: State): number =>
  clock === "real" ? world.now() + ahead : position

type EventRow = StoredRow<"events">

/** The events of a key are dated in the order of its journal. */
const checkOrder = ({ findings, newest }: State, { at, keyId }: EventRow): void => {
  const before = newest.get(keyId) ?? at
  if (at < before) {
    findings.violations.push(`an event of key ${keyId.slice(0, 4)} is dated ${before - at} ms before the one before it`)
  }
  newest.set(keyId, at)
}

const isFact = ({ type }: Recorded): boolean => deadlineKinds.some((kind) => kind === type)

/** The journal says when each deadline is due, without the stored deadlines. */
const checkAgainstLedger = (state: State, row: EventRow, event?: Recorded): void => {
  const { findings, isPunctual, ledger, moves, states } = state
  const moment = { state: states.get(row.keyId)?.at(-1) ?? "", clock: clockTime(state), isMoving: moves > 0 }
  const owed = ledger.take(row, moment)
  if (event === undefined || !isFact(event)) return
  const name = `${event.type} of key ${row.keyId.slice(0, 4)}`
  if (owed === undefined) findings.violations.push(`${name} was performed, and the journal owed none`)
  else if (event.dueAt !== owed.dueAt) {
    findings.violations.push(`${name} was due ${(event.dueAt ?? 0) - owed.dueAt} ms from the time of the journal`)
  } else if (isPunctual && owed.onTimeAt !== undefined && event.at > owed.onTimeAt) {
    findings.violations.push(`${name} is ${event.at - owed.onTimeAt} ms late, without a fault`)
  }
}

/** A deadline is performed once, and not before it is due. The deadlines are those before the transaction. */
const checkEvent = (state: State, row: EventRow, event: Recorded | undefined): void => {
  const { findings, due } = state
  checkOrder(state, row)
  if (event === undefined) return
  cover(findings, `event ${event.type}`)
  if (!isFact(event)) return
  const dueAt = due.get(row.keyId)?.get(event.type)
  const name = `${event.type} of key ${row.keyId.slice(0, 4)}`
  if (dueAt === undefined) findings.violations.push(`${name} was performed without a deadline`)
  else if (event.at < dueAt) findings.violations.push(`${name} is dated ${dueAt - event.at} ms before it was due`)
  else if (clockTime(state) < dueAt) {
    findings.violations.push(`${name} was performed ${Math.round(dueAt - clockTime(state))} ms early`)
  }
}

/** The position of a virtual clock that stands still. */
const positionIn = (text: string): number | undefined => {
  const [mode, at] = text.split(" ")
  return mode === "frozen" ? Number(at) : undefined
}

const follow = (state: State, write: Write): void => {
  const { due, states } = state
  if (write.op === "put" && write.table === "meta" && write.row.name === clockPositionName) {
    state.position = positionIn(write.row.value) ?? state.position
  }
  if (write.op === "put" && write.table === "keys") {
    const { keyId, state } = write.row
    states.set(keyId, [...(states.get(keyId) ?? []), state])
  }
  if (write.op === "clear" && write.range.table === "deadlines") due.delete(String(write.range.partition[0]))
  if (write.op === "put" && write.table === "deadlines") {
    const { keyId, kind, dueAt } = write.row
    const ofKey = due.get(keyId) ?? new Map<string, number>()
    due.set(keyId, ofKey.set(kind, dueAt))
  }
}

const asText = (_name: string, value: unknown): unknown =>
  value instanceof Uint8Array ? Buffer.from(value).toString("hex") : value

const count = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

/** The request of a full line of the audit log; other lines refer to the line before. */
const requestIn = (line: string): string | undefined => {
  if (!line.startsWith("{")) return undefined
  const { requestId }: { readonly requestId?: string } = JSON.parse(line)
  return requestId
}

const committed = (state: State, { writes, lines, purpose }: Plan): void => {
  state.world.note(`the store commits ${purpose}: ${writes.length} writes`)
  const rows = writes.flatMap((write) => (write.op === "put" && write.table === "events" ? [write.row] : []))
  const events = rows.map((row) => ({ row, event: eventIn(row) }))
  for (const { row, event } of events) {
    checkEvent(state, row, event)
    count(state.events, row.requestId)
  }
  for (const line of lines) {
    const requestId = requestIn(line)
    if (requestId !== undefined) count(state.lines, requestId)
  }
  for (const write of writes) follow(state, write)
  for (const { row, event } of events) checkAgainstLedger(state, row, event)
  state.texts.push(JSON.stringify([writes, lines], asText))
}

export const makeWatcher = (
  world: World,
  findings: Findings,
  clock: "real" | "virtual",
  isPunctual = false
): Watcher => {
  const state: State = {
    world,
    findings,
    clock,
    due: new Map(),
    events: new Map(),
    lines: new Map(),
    states: new Map(),
    newest: new Map(),
    position: Number.NEGATIVE_INFINITY,
    ahead: 0,
    texts: [],
    ledger: makeLedger(),
    moves: 0,
    isPunctual
  }
  return {
    onCommit: (plan, conflict, now) => {
      state.ahead = Math.max(state.ahead, now - world.now())
      if (conflict === undefined) return committed(state, plan)
      cover(findings, `conflict on ${conflict.on}`)
      return world.note(`the store refuses ${plan.purpose}: conflict on ${conflict.on}`)
    },
    linesOf: (requestId) => state.lines.get(requestId) ?? 0,
    eventsOf: (requestId) => state.events.get(requestId) ?? 0,
    statesOf: (keyId) => state.states.get(keyId) ?? [],
    clockTime: () => clockTime(state),
    nextDue: (after) => {
      const later = [...state.due.values()].flatMap((ofKey) => [...ofKey.values()]).filter((dueAt) => dueAt > after)
      return later.length === 0 ? undefined : Math.min(...later)
    },
    written: () => state.texts.join("\n"),
    ledger: state.ledger,
    moves: (by) => {
      state.moves += by
    }
  }
}
