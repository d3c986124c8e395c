/** Whether the history of one register is linearizable. */

/** An operation of one client on one register. Instants are numbers of a clock that all clients share. */
export interface Operation<State> {
  readonly began: number
  /** Infinity if its outcome is unknown: it may have happened at any time after it began, or never. */
  readonly ended: number
  /** Whether the answer is right in this state; an operation without it is right in every state. */
  readonly when?: (state: State) => boolean
  /** The state that it leaves; without it, and without `next`, the state stays. */
  readonly leaves?: { readonly state: State }
  /** The state that it leaves, where that depends on the state before. */
  readonly next?: (state: State) => State
  /** For reports. */
  readonly says: string
}

const everHappened = <State>({ ended }: Operation<State>): boolean => ended !== Number.POSITIVE_INFINITY

interface Search<State> {
  /** In the order in which they began. */
  readonly operations: ReadonlyArray<Operation<State>>
  readonly nameOf: (state: State) => string
  /** Sets of operations and the state after them that lead nowhere. */
  readonly tried: Set<string>
}

/** The earliest end of an operation that is still to be placed: no operation that began later comes before it. */
const horizonOf = <State>({ operations }: Search<State>, placed: bigint): number => {
  let horizon = Number.POSITIVE_INFINITY
  for (const [at, { ended }] of operations.entries()) {
    if ((placed & (1n << BigInt(at))) === 0n && ended < horizon) horizon = ended
  }
  return horizon
}

/** An operation that may come next. */
interface Candidate<State> {
  readonly bit: bigint
  readonly operation: Operation<State>
}

const candidates = <State>(search: Search<State>, placed: bigint): ReadonlyArray<Candidate<State>> => {
  const horizon = horizonOf(search, placed)
  const found: Array<Candidate<State>> = []
  for (const [at, operation] of search.operations.entries()) {
    if (operation.began > horizon) break
    const bit = 1n << BigInt(at)
    if ((placed & bit) === 0n) found.push({ bit, operation })
  }
  return found
}

const stateAfter = <State>({ leaves, next }: Operation<State>, state: State): State => {
  if (next !== undefined) return next(state)
  return leaves === undefined ? state : leaves.state
}

const changesState = <State>({ leaves, next }: Operation<State>): boolean => leaves !== undefined || next !== undefined

/**
 * Those of the candidates that are worth a try. Of unknown operations that leave the same state in every case one is enough:
 * each may stand wherever another does. None is worth a try where it changes nothing, because it may happen later.
 */
const worthwhile = <State>(
  { nameOf }: Search<State>,
  next: ReadonlyArray<Candidate<State>>,
  state: State
): ReadonlyArray<Candidate<State>> => {
  const left = new Set([nameOf(state)])
  return next.filter(({ operation }) => {
    if (everHappened(operation) || operation.when !== undefined || operation.leaves === undefined) return true
    const name = nameOf(operation.leaves.state)
    const isNew = !left.has(name)
    left.add(name)
    return isNew
  })
}

/** Whether the operations that are not placed can follow in this state. An unknown one may be left out. */
const canFollow = <State>(search: Search<State>, placed: bigint, state: State): boolean => {
  const next = candidates(search, placed)
  if (!next.some(({ operation }) => everHappened(operation))) return true
  const name = `${placed.toString(36)} ${search.nameOf(state)}`
  if (search.tried.has(name)) return false
  for (const { bit, operation } of worthwhile(search, next, state)) {
    if (operation.when?.(state) === false) continue
    if (canFollow(search, placed | bit, stateAfter(operation, state))) return true
  }
  search.tried.add(name)
  return false
}

/**
 * Whether an order of the operations makes every answer right. Each operation takes effect at one instant between its
 * beginning and its end (Herlihy and Wing, 1990). The search is that of Wing and Gong with a memory of what it has
 * tried, as in Lowe's "Testing for linearizability". `nameOf` gives equal states one name, and different states
 * different names.
 */
export const isLinearizable = <State>(
  history: ReadonlyArray<Operation<State>>,
  first: State,
  nameOf: (state: State) => string = String
): boolean => {
  // An answer that is not known changes nothing if the operation changes nothing.
  const told = history.filter((operation) => everHappened(operation) || changesState(operation))
  const operations = told.toSorted((left, right) => left.began - right.began)
  return canFollow({ operations, nameOf, tried: new Set() }, 0n, first)
}
