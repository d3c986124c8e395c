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
  /** Of each unknown operation, what it does in every state. */
  readonly effects: ReadonlyMap<Operation<State>, string>
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

/** The state that an operation leaves, or undefined if its answer is wrong in the state before. */
const outcomeIn = <State>(operation: Operation<State>, state: State): { readonly state: State } | undefined =>
  operation.when?.(state) === false ? undefined : { state: stateAfter(operation, state) }

/** If a history has more states, operations are not compared. */
const statesMax = 1000

/** The states that the operations can lead to, or undefined if there are too many. */
const statesOf = <State>(
  operations: ReadonlyArray<Operation<State>>,
  first: State,
  nameOf: (state: State) => string
): ReadonlyArray<State> | undefined => {
  const found = new Map([[nameOf(first), first]])
  // The loop also visits the states that it adds.
  for (const state of found.values()) {
    for (const operation of operations) {
      const outcome = outcomeIn(operation, state)
      if (outcome !== undefined) found.set(nameOf(outcome.state), outcome.state)
    }
    if (found.size > statesMax) return undefined
  }
  return [...found.values()]
}

const effectsOf = <State>(
  operations: ReadonlyArray<Operation<State>>,
  first: State,
  nameOf: (state: State) => string
): ReadonlyMap<Operation<State>, string> => {
  const unknown = operations.filter((operation) => !everHappened(operation))
  const states = unknown.length === 0 ? undefined : statesOf(operations, first, nameOf)
  if (states === undefined) return new Map()
  const effectOf = (operation: Operation<State>): string =>
    JSON.stringify(
      states.map((state) => {
        const outcome = outcomeIn(operation, state)
        return outcome === undefined ? null : nameOf(outcome.state)
      })
    )
  return new Map(unknown.map((operation) => [operation, effectOf(operation)]))
}

/**
 * Those of the candidates that are worth a try. Of unknown operations that do the same in every state one is enough:
 * each may stand wherever another does. None is worth a try where it changes nothing, because it may happen later.
 */
const worthwhile = <State>(
  { effects, nameOf }: Search<State>,
  next: ReadonlyArray<Candidate<State>>,
  state: State
): ReadonlyArray<Candidate<State>> => {
  const now = nameOf(state)
  const seen = new Set<string | Operation<State>>()
  return next.filter(({ operation }) => {
    if (everHappened(operation)) return true
    const outcome = outcomeIn(operation, state)
    if (outcome === undefined || nameOf(outcome.state) === now) return false
    const effect = effects.get(operation) ?? operation
    const isNew = !seen.has(effect)
    seen.add(effect)
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
    const outcome = outcomeIn(operation, state)
    if (outcome !== undefined && canFollow(search, placed | bit, outcome.state)) return true
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
  const effects = effectsOf(operations, first, nameOf)
  return canFollow({ operations, nameOf, effects, tried: new Set() }, 0n, first)
}
