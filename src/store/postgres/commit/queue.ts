/** Plans that wait to be sent. Plans in a group have no lock in common with each other, or with a group in progress. */
import type { Effect } from "effect"
import type { StoreConflict, StoreFailure } from "../../driver.ts"
import type { Member } from "./encode.ts"

/** While one group is written, the next one collects plans. */
const groupMax = 64

export interface Waiting extends Member {
  readonly since: number
  readonly answer: (outcome: Effect.Effect<void, StoreConflict | StoreFailure>) => void
}

export interface Queue {
  readonly add: (waiting: Waiting) => void
  /** The next group, oldest plans first. Its names are held until `release`. */
  readonly take: () => ReadonlyArray<Waiting>
  readonly release: (group: ReadonlyArray<Waiting>) => void
  /** Removes and returns the plans that `matches` selects. */
  readonly drop: (matches: (waiting: Waiting) => boolean) => ReadonlyArray<Waiting>
}

const namesOf = ({ footprint }: Member): ReadonlyArray<string> => [...footprint.keys, ...footprint.names]

export const makeQueue = (): Queue => {
  let queue: Array<Waiting> = []
  const held = new Set<string>()

  const take = (): ReadonlyArray<Waiting> => {
    const group: Array<Waiting> = []
    const rest: Array<Waiting> = []
    /** Names of plans that were skipped: later plans that share one stay behind them. */
    const passed = new Set<string>()
    for (const waiting of queue) {
      const names = namesOf(waiting)
      const isFree = group.length < groupMax && !names.some((name) => held.has(name) || passed.has(name))
      for (const name of names) (isFree ? held : passed).add(name)
      if (isFree) group.push(waiting)
      else rest.push(waiting)
    }
    queue = rest
    return group
  }

  return {
    add: (waiting) => {
      queue.push(waiting)
    },
    take,
    release: (group) => {
      for (const member of group) for (const name of namesOf(member)) held.delete(name)
    },
    drop: (matches) => {
      const dropped = queue.filter(matches)
      queue = queue.filter((waiting) => !matches(waiting))
      return dropped
    }
  }
}
