/** The positions of recently changed keys. The only writer knows what it wrote, and need not read it again. */
import { integerOf, textOf } from "./columns.ts"
import type { Columns } from "./columns.ts"
import type { Statements } from "./statements.ts"

/** The part of a stored key that a change needs. */
export interface Position {
  readonly ordinal: number
  readonly state: string
  /** Hash of its newest event. */
  readonly head: string
  readonly hasDeadlines: boolean
}

export interface Positions {
  /** Undefined if there is no such key. */
  readonly of: (keyId: string) => Position | undefined
  /** Records the position of a key after a change of the open transaction. */
  readonly moved: (keyId: string, position: Position) => void
  /** Called after a rollback: the rows are unchanged, so the positions are dropped. */
  readonly retract: () => void
}

/** About half a kilobyte each. At this number all are dropped at once; a busy key returns with its next change. */
const rememberedMax = 4096

const positionOf = (row: Columns): Position => ({
  ordinal: integerOf(row, "ordinal"),
  state: textOf(row, "state"),
  head: textOf(row, "head"),
  hasDeadlines: integerOf(row, "has_deadlines") === 1
})

export const openPositions = (statements: Statements): Positions => {
  const remembered = new Map<string, Position>()
  return {
    of: (keyId) => {
      const known = remembered.get(keyId)
      if (known !== undefined) return known
      const row = statements("position").get(keyId)
      return row === undefined ? undefined : positionOf(row)
    },
    moved: (keyId, position) => {
      if (remembered.size === rememberedMax) remembered.clear()
      remembered.set(keyId, position)
    },
    retract: () => remembered.clear()
  }
}
