/** Whether the history of one register is linearizable. */

/** An operation of one client on one register. Times are numbers of a clock that all clients share. */
export interface Operation<State> {
  readonly began: number
  /** Infinity if the outcome is unknown: the operation may have taken effect at any time after its start, or never. */
  readonly ended: number
  /** Whether the answer is correct in this state. If absent, the answer is correct in every state. */
  readonly when?: (state: State) => boolean
  /** The state after the operation. If `next` is absent too, the state does not change. */
  readonly leaves?: { readonly state: State }
  /** The state after the operation, if it depends on the state before. */
  readonly next?: (state: State) => State
  /** A description for reports. */
  readonly says: string
}

const everHappened = <State>({ ended }: Operation<State>): boolean => ended !== Number.POSITIVE_INFINITY

interface Search<State> {
  /** Ordered by their start. */
  readonly operations: ReadonlyArray<Operation<State>>
  readonly nameOf: (state: State) => string
  /** The effect of each operation of unknown outcome, for every state. */
  readonly effects: ReadonlyMap<Operation<State>, string>
  /** Visited pairs of placed operations and state, from which no order completes. */
  readonly tried: Set<string>
}

/** The earliest end of an operation that is not placed yet. An operation that began later cannot come before it. */
const horizonOf = <State>({ operations }: Search<State>, placed: bigint): number => {
  let horizon = Number.POSITIVE_INFINITY
  for (const [at, { ended }] of operations.entries()) {
    if ((placed & (1n << BigInt(at))) === 0n && ended < horizon) horizon = ended
  }
  return horizon
}

/** An operation that may be placed next. */
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

/** The state after an operation; undefined if its answer is wrong in the state before. */
const outcomeIn = <State>(operation: Operation<State>, state: State): { readonly state: State } | undefined =>
  operation.when?.(state) === false ? undefined : { state: stateAfter(operation, state) }

/** With more states than this, operations are not compared. */
const statesMax = 1000

/** The states that the operations can lead to; undefined if there are too many. */
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
 * The candidates that need a try. Of several operations of unknown outcome with equal effects, one is enough, because
 * they are interchangeable. One that changes nothing here is left out, because it may happen later.
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

/** Whether the remaining operations can follow in this state. Operations of unknown outcome may be left out. */
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
 * Whether an order of the operations makes every answer correct. Each operation takes effect at one time between its
 * start and its end (Herlihy and Wing, 1990). The search is that of Wing and Gong with a memory of visited states, as
 * in Lowe's "Testing for linearizability". `nameOf` gives equal states the same name, and different states different
 * names.
 */
export const isLinearizable = <State>(
  history: ReadonlyArray<Operation<State>>,
  first: State,
  nameOf: (state: State) => string = String
): boolean => {
  // The unknown answer of an operation that changes nothing has no effect.
  const told = history.filter((operation) => everHappened(operation) || changesState(operation))
  const operations = told.toSorted((left, right) => left.began - right.began)
  const effects = effectsOf(operations, first, nameOf)
  return canFollow({ operations, nameOf, effects, tried: new Set() }, 0n, first)
}
