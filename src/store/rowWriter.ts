/** Writes rows through a driver: plans without checks, and plans that are retried after a conflict. */
import { Effect } from "effect"
import type { Plan, Purpose, Write } from "../plan/plan.ts"
import { revisionOf } from "../records/storedRows.ts"
import type { RowId, StoredRow, TableName } from "../records/storedRows.ts"
import type { StoreDriver, StoreFailure } from "./driver.ts"
import { decoded } from "./rowReader.ts"

/** How often a counter is read again because another writer changed it. */
const attemptsMax = 100

export const writesOf = (purpose: Purpose, writes: ReadonlyArray<Write>, lines: ReadonlyArray<string> = []): Plan => ({
  purpose,
  checks: [],
  writes,
  lines
})

/** A plan without checks cannot conflict. */
export const unchecked = (driver: StoreDriver, plan: Plan): Effect.Effect<void, StoreFailure> =>
  Effect.catchTag(driver.commit(plan), "StoreConflict", (conflict) => Effect.die(conflict))

/**
 * Reads a row, and writes its new value. If another writer changed it in between, reads it again. `change` returns
 * undefined to leave the row unchanged, and throws if the row does not decode.
 */
export const update = <T extends TableName, A>(
  driver: StoreDriver,
  at: { readonly purpose: Purpose; readonly table: T; readonly id: RowId },
  change: (row: StoredRow<T> | undefined) => { readonly write: Write | undefined; readonly answer: A }
): Effect.Effect<A, StoreFailure> => {
  const changed = decoded(driver.get(at.table, at.id), (row) => ({ row, ...change(row) }))
  const attempt = (left: number): Effect.Effect<A, StoreFailure> =>
    Effect.flatMap(changed, ({ answer, row, write }) => {
      if (write === undefined) return Effect.succeed(answer)
      const revision = row === undefined ? undefined : revisionOf(at.table, row)
      const plan = { ...writesOf(at.purpose, [write]), checks: [{ table: at.table, id: at.id, revision }] }
      return driver.commit(plan).pipe(
        Effect.as(answer),
        Effect.catchTag("StoreConflict", (conflict) => (left === 0 ? Effect.die(conflict) : attempt(left - 1)))
      )
    })
  return attempt(attemptsMax)
}
