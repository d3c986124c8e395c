/** Sees every transaction of the store in the instant in which it happens. */
import { deadlineKinds } from "../../machines/vocabulary.ts"
import type { Plan, Write } from "../../src/plan/plan.ts"
import type { StoredRow } from "../../src/records/storedRows.ts"
import type { StoreConflict } from "../../src/store/driver.ts"
import { cover } from "./cast.ts"
import type { Findings } from "./cast.ts"
import type { World } from "./world.ts"

export interface Watcher {
  readonly onCommit: (plan: Plan, conflict: StoreConflict | undefined) => void
  /** How many events the journals have of a request. */
  readonly eventsOf: (requestId: string) => number
  /** How many lines the audit log has of a request. */
  readonly linesOf: (requestId: string) => number
  /** Every state that the store has held of a key, in order. */
  readonly statesOf: (keyId: string) => ReadonlyArray<string>
  /** All that was ever written, as text: bytes in hexadecimal. */
  readonly written: () => string
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
  readonly texts: Array<string>
}

type EventRow = StoredRow<"events">

interface Recorded {
  readonly type: string
  readonly at: number
}

/** The event in a journal's payload; undefined for the making of the key. */
const eventIn = ({ payload }: EventRow): Recorded | undefined => {
  const { event }: { readonly event?: Recorded } = JSON.parse(payload)
  return event
}

/** A deadline is performed once, and not before it is due. The deadlines are those before the transaction. */
const checkEvent = ({ world, findings, clock, due }: State, row: EventRow): void => {
  const event = eventIn(row)
  if (event === undefined) return
  cover(findings, `event ${event.type}`)
  if (!deadlineKinds.some((kind) => kind === event.type)) return
  const dueAt = due.get(row.keyId)?.get(event.type)
  const name = `${event.type} of key ${row.keyId.slice(0, 4)}`
  if (dueAt === undefined) findings.violations.push(`${name} was performed without a deadline`)
  else if (event.at < dueAt) findings.violations.push(`${name} is dated ${dueAt - event.at} ms before it was due`)
  else if (clock === "real" && world.now() < dueAt) {
    findings.violations.push(`${name} was performed ${Math.round(dueAt - world.now())} ms early`)
  }
}

const follow = ({ due, states }: State, write: Write): void => {
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

/** The request that a line of the audit log tells of in full; a line may refer to the one before it instead. */
const requestIn = (line: string): string | undefined => {
  if (!line.startsWith("{")) return undefined
  const { requestId }: { readonly requestId?: string } = JSON.parse(line)
  return requestId
}

const committed = (state: State, { writes, lines, purpose }: Plan): void => {
  state.world.note(`the store commits ${purpose}: ${writes.length} writes`)
  const rows = writes.flatMap((write) => (write.op === "put" && write.table === "events" ? [write.row] : []))
  for (const row of rows) {
    checkEvent(state, row)
    count(state.events, row.requestId)
  }
  for (const line of lines) {
    const requestId = requestIn(line)
    if (requestId !== undefined) count(state.lines, requestId)
  }
  for (const write of writes) follow(state, write)
  state.texts.push(JSON.stringify([writes, lines], asText))
}

export const makeWatcher = (world: World, findings: Findings, clock: "real" | "virtual"): Watcher => {
  const state: State = {
    world,
    findings,
    clock,
    due: new Map(),
    events: new Map(),
    lines: new Map(),
    states: new Map(),
    texts: []
  }
  return {
    onCommit: (plan, conflict) => {
      if (conflict === undefined) return committed(state, plan)
      cover(findings, `conflict on ${conflict.on}`)
      return world.note(`the store refuses ${plan.purpose}: conflict on ${conflict.on}`)
    },
    linesOf: (requestId) => state.lines.get(requestId) ?? 0,
    eventsOf: (requestId) => state.events.get(requestId) ?? 0,
    statesOf: (keyId) => state.states.get(keyId) ?? [],
    written: () => state.texts.join("\n")
  }
}
