/** Counts what was tested: laws, cells of states and operations, transitions and their pairs. */
import { kindOf as machineKindOf } from "../../../machines/permits.ts"
import type { Place } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { ModelKey } from "../model/model.ts"
import { stateOf } from "../model/model.ts"
import type { Tested } from "../predict/prediction.ts"
import { lifecycleMoves } from "../steps/step.ts"

export interface SeenCell {
  calls: number
  wrong: number
  accepted: number
  refused: number
  open: number
  readonly answers: Map<string, number>
}

/** Where a law was tested: the kind of key, its state, the caller, and whether after a restart. */
export interface Situation {
  readonly law: LawId
  readonly kind: string
  readonly state: string
  readonly caller: "root" | "user" | Place
  readonly isRestarted: boolean
  tested: number
}

export interface Tally {
  readonly laws: Map<LawId, number>
  readonly situations: Map<string, Situation>
  readonly cells: Map<string, SeenCell>
  readonly states: Set<string>
  readonly transitions: Set<string>
  readonly pairs: Set<string>
  readonly last: Map<string, string>
  readonly accepted: Map<string, number>
  readonly refused: Map<string, number>
  calls: number
}

export const makeTally = (): Tally => ({
  laws: new Map(),
  situations: new Map(),
  cells: new Map(),
  states: new Set(),
  transitions: new Set(),
  pairs: new Set(),
  last: new Map(),
  accepted: new Map(),
  refused: new Map(),
  calls: 0
})

const more = (counts: Map<string, number>, name: string): void => {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

export const countLaws = (tally: Tally, tested: ReadonlyArray<Tested>): void => {
  for (const { law } of tested) more(tally.laws, law)
}

export const countSituations = (
  tally: Tally,
  tested: ReadonlyArray<Tested>,
  where: Omit<Situation, "law" | "tested">
): void => {
  const place = `${where.kind}|${where.state}|${where.caller}|${where.isRestarted}`
  for (const { law } of tested) {
    const name = `${law}|${place}`
    const known = tally.situations.get(name)
    if (known === undefined) tally.situations.set(name, { law, ...where, tested: 1 })
    else known.tested++
  }
}

export const cellName = (operation: string, kind: string, state: string): string => `${operation}|${kind}|${state}`

export const countCall = (
  tally: Tally,
  call: {
    readonly operation: string
    readonly key: ModelKey | undefined
    /** Whether the parameters were valid, so that the state alone decided. */
    readonly plain: boolean
    readonly answer: string
    readonly ok: boolean
    readonly right: boolean
    readonly open: boolean
  }
): void => {
  tally.calls++
  more(call.ok ? tally.accepted : tally.refused, call.operation)
  if (call.key === undefined || !call.plain) return
  const name = cellName(call.operation, machineKindOf(call.key.snapshot), stateOf(call.key))
  tally.states.add(`${machineKindOf(call.key.snapshot)}|${stateOf(call.key)}`)
  const cell = tally.cells.get(name) ?? { calls: 0, wrong: 0, accepted: 0, refused: 0, open: 0, answers: new Map() }
  tally.cells.set(name, cell)
  cell.calls++
  if (!call.right) cell.wrong++
  if (call.open) cell.open++
  if (call.ok) cell.accepted++
  else cell.refused++
  more(cell.answers, call.answer)
}

/** Events that change a key's state; others are not moves. */
const moves: ReadonlySet<string> = new Set([...lifecycleMoves, "time"])

export const moveOf = (before: ModelKey, after: ModelKey, event: string): string | undefined =>
  moves.has(event) ? `${stateOf(before)} ${event} ${stateOf(after)}` : undefined

/** A move of a key's lifecycle that was observed, or assumed because its call was accepted. */
export const countMove = (tally: Tally, before: ModelKey | undefined, after: ModelKey, event: string): void => {
  if (before === undefined) tally.last.delete(after.label)
  const move = before === undefined ? undefined : moveOf(before, after, event)
  if (move === undefined) return
  const kind = machineKindOf(after.snapshot)
  tally.transitions.add(`${kind}|${move}`)
  const previous = tally.last.get(after.label)
  if (previous !== undefined) tally.pairs.add(`${kind}|${previous} > ${move}`)
  tally.last.set(after.label, move)
}
