/** Copies every row of a store to another one, without regard to their kinds. */
import { Clock, Effect, Stream } from "effect"
import { rootKeyCheckName, runEndName } from "../records/metaNames.ts"
import type { TableName } from "../records/storedRows.ts"
import { StoreUnusable } from "../store/driver.ts"
import type { Page, Rows, RowTarget } from "../store/transfer.ts"

/** The number of rows that were read of each table. Empty tables are left out. */
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

/** The rows of a store that was started. Fails at the end if the rows have no check value of a root key. */
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

/** The page without the end of the server's last run, which is written anew. */
const withoutRunEnd = (page: Page): Page =>
  page.table === "meta" ? { table: "meta", rows: page.rows.filter(({ name }) => name !== runEndName) } : page

/**
 * Puts all rows into the target and returns their numbers. The caller verifies the rows through the target's driver,
 * and then finishes the target. The requests that the other store accepted after the read are unknown here. So the
 * server's last run is marked as killed just now, and the next start refuses requests with earlier timestamps.
 */
export const transferRows = <E>(rows: Rows<E>, target: RowTarget): Effect.Effect<RowCounts, E | StoreUnusable> =>
  Effect.gen(function* () {
    let counts: RowCounts = {}
    let unkept: StoreUnusable | undefined
    // After a row that cannot be put, reading continues, because faults of the rows themselves are reported first.
    yield* Stream.runForEach(ofStartedStore(rows), (page) => {
      counts = counted(counts, page)
      if (unkept !== undefined) return Effect.void
      return Effect.catch(target.put(withoutRunEnd(page)), (failure) =>
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
