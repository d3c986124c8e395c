/** Puts every row of one store into another. Which stores these are is not known here. */
import { Clock, Effect, Stream } from "effect"
import { rootKeyCheckName, runEndName } from "../records/metaNames.ts"
import type { TableName } from "../records/storedRows.ts"
import { StoreUnusable } from "../store/driver.ts"
import type { Page, Rows, RowTarget } from "../store/transfer.ts"

/** How many rows of each table were read. A table without rows is left out. */
export type RowCounts = { readonly [T in TableName]?: number }

export const counted = (counts: RowCounts, { table, rows }: Page): RowCounts => ({
  ...counts,
  [table]: (counts[table] ?? 0) + rows.length
})

const hasName = (page: Page, name: string): boolean =>
  page.table === "meta" && page.rows.some((row) => row.name === name)

const neverStarted = new StoreUnusable({
  message: "The store holds no root key's check value: its first start was never finished. There is nothing to copy."
})

/** Rows of a store that was started. Fails at their end if there is no check value of a root key among them. */
export const ofStartedStore = <E>(rows: Rows<E>): Rows<E | StoreUnusable> =>
  Stream.suspend(() => {
    let isStarted = false
    const watched = Stream.map(rows, (page) => {
      isStarted ||= hasName(page, rootKeyCheckName)
      return page
    })
    const end: Rows<StoreUnusable> = Stream.suspend(() => (isStarted ? Stream.empty : Stream.fail(neverStarted)))
    return Stream.concat(watched, end)
  })

/**
 * Puts all rows into the target and answers how many there were. The caller verifies what the target's driver reads, and
 * then finishes the target.
 *
 * Requests that the other store accepted since its rows were read are not known here. The run of a server is marked as one
 * that was killed just now, so that the next start refuses requests that were signed before.
 */
export const transferRows = <E>(rows: Rows<E>, target: RowTarget): Effect.Effect<RowCounts, E | StoreUnusable> =>
  Effect.gen(function* () {
    let counts: RowCounts = {}
    let unkept: StoreUnusable | undefined
    // A row that cannot be put is read on from: what is wrong with the rows themselves is told first.
    yield* Stream.runForEach(ofStartedStore(rows), (page) => {
      counts = counted(counts, page)
      if (unkept !== undefined) return Effect.void
      return Effect.catch(target.put(page), (failure) =>
        Effect.sync(() => {
          unkept = failure
        })
      )
    })
    if (unkept !== undefined) return yield* unkept
    const value = `open ${yield* Clock.currentTimeMillis} 0`
    yield* target.put({ table: "meta", rows: [{ name: runEndName, value }] })
    return counts
  })
