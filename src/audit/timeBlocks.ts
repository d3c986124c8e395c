/** The times of the records in each block of the audit log. A search by time skips blocks that cannot match. */
import { Schema } from "effect"
import type { Segment } from "../records/rows.ts"

/** A block has at least so many lines, except for the newest one. */
const blockLinesMin = 5000

const Block = Schema.Struct({
  first: Schema.Finite,
  last: Schema.Finite,
  lines: Schema.Finite,
  from: Schema.Finite,
  to: Schema.Finite
})

/** Consecutive segments, the number of their lines, and the earliest and the latest time of their records. */
export type TimeBlock = typeof Block.Type

export const TimeBlockList = Schema.Array(Block)

/** Records at `since` or later, and before `until`, in milliseconds. */
export interface TimeRange {
  readonly since?: number | undefined
  readonly until?: number | undefined
}

type Order = "OldestFirst" | "NewestFirst"

export interface TimeBlocks {
  /** Adds the segment that follows the newest known one. Ignores every other segment. */
  readonly learn: (segment: Segment) => void
  /** Whether no record of the segment is in the range. False for an unknown segment. */
  readonly excludes: (seq: number, range: TimeRange) => boolean
  /**
   * The segment to continue from when reading in an order: segments after it, or before it. It is `seq` itself unless
   * blocks without a record in the range follow.
   */
  readonly skip: (order: Order, seq: number, range: TimeRange) => number
  readonly known: () => ReadonlyArray<TimeBlock>
  /** Replaces all blocks. */
  readonly restore: (blocks: ReadonlyArray<TimeBlock>) => void
}

/** The time in a line, which may be short (auditLine.ts). */
const timeIn = /^(?:\{"at":)?(-?[0-9]+)[, ]/

/** A line without a time is damaged. Its segment is never skipped, so that a reader finds the damage. */
const blockOf = ({ lines, seq }: Segment): TimeBlock => {
  let [from, to] = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]
  for (const line of lines) {
    const at = timeIn.exec(line)?.[1]
    from = Math.min(from, at === undefined ? Number.MIN_SAFE_INTEGER : Number(at))
    to = Math.max(to, at === undefined ? Number.MAX_SAFE_INTEGER : Number(at))
  }
  return { first: seq, last: seq, lines: lines.length, from, to }
}

const joined = (block: TimeBlock, next: TimeBlock): TimeBlock => ({
  first: block.first,
  last: next.last,
  lines: block.lines + next.lines,
  from: Math.min(block.from, next.from),
  to: Math.max(block.to, next.to)
})

const isOutside = ({ from, to }: TimeBlock, { since = -Infinity, until = Infinity }: TimeRange): boolean =>
  to < since || from >= until

/** The index of the block that has a segment; undefined if none has. */
const indexOf = (blocks: ReadonlyArray<TimeBlock>, seq: number): number | undefined => {
  let [low, high] = [0, blocks.length - 1]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    if ((blocks[middle]?.last ?? 0) < seq) low = middle + 1
    else high = middle
  }
  const found = blocks[low]
  return found !== undefined && found.first <= seq && seq <= found.last ? low : undefined
}

export const makeTimeBlocks = (linesMin = blockLinesMin): TimeBlocks => {
  let blocks: Array<TimeBlock> = []
  const blockAt = (seq: number): TimeBlock | undefined => {
    const index = indexOf(blocks, seq)
    return index === undefined ? undefined : blocks[index]
  }
  const excludes = (seq: number, range: TimeRange): boolean => {
    const block = blockAt(seq)
    return block !== undefined && isOutside(block, range)
  }
  return {
    learn: (segment) => {
      const last = blocks.at(-1)
      if (segment.seq !== (last?.last ?? 0) + 1) return
      const block = blockOf(segment)
      if (last === undefined || last.lines >= linesMin) blocks.push(block)
      else blocks[blocks.length - 1] = joined(last, block)
    },
    excludes,
    skip: (order, seq, range) => {
      const step = order === "OldestFirst" ? 1 : -1
      let at = seq
      for (let block = blockAt(at + step); block !== undefined && isOutside(block, range); block = blockAt(at + step)) {
        at = step === 1 ? block.last : block.first
      }
      return at
    },
    known: () => blocks,
    restore: (given) => {
      blocks = [...given]
    }
  }
}
