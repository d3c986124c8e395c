/** The stored numbers of keys: changes of state in one transaction are added up and written once. */
import { blockBits } from "./schema.ts"
import type { Statements } from "./statements.ts"

/** A key that changed its state. */
export interface Moved {
  readonly account: string
  readonly region: string
  readonly service: boolean
  readonly ordinal: number
  readonly from: string
  readonly to: string
}

export interface Counts {
  readonly moved: (key: Moved) => void
  /** Writes what was added up into the open transaction. The numbers in the tables are exact afterwards. */
  readonly write: () => void
  /** Called after a rollback: drops what was added up. */
  readonly retract: () => void
}

type Place = readonly [account: string, region: string, ...rest: ReadonlyArray<string | number>]

interface Difference {
  readonly place: Place
  number: number
}

type Differences = Map<string, Difference>

const add = (differences: Differences, place: Place, number: number): void => {
  const name = place.join(" ")
  const known = differences.get(name)
  if (known === undefined) differences.set(name, { place, number })
  else known.number += number
}

/**
 * Triggers count keys that are added and removed. A change of state is more frequent: written by a trigger, it was a
 * third of the time of all statements of a change. Keys that change together are mostly of one account.
 */
export const openCounts = (statements: Statements): Counts => {
  const states: Differences = new Map()
  const blocks: Differences = new Map()
  const writeAll = (name: "moveCount" | "moveBlock", differences: Differences): void => {
    for (const { number, place } of differences.values()) if (number !== 0) statements(name).run(...place, number)
    differences.clear()
  }
  return {
    moved: ({ account, from, ordinal, region, service, to }) => {
      add(states, [account, region, from, service ? 1 : 0], -1)
      add(states, [account, region, to, service ? 1 : 0], 1)
      const listed = Number(to !== "Deleted") - Number(from !== "Deleted")
      if (listed !== 0) add(blocks, [account, region, Math.floor(ordinal / 2 ** blockBits)], listed)
    },
    write: () => {
      if (states.size === 0) return
      writeAll("moveCount", states)
      writeAll("moveBlock", blocks)
    },
    retract: () => {
      states.clear()
      blocks.clear()
    }
  }
}
