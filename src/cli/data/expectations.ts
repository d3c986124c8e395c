/** What an operator expects of a store: a minimum number of keys, and all the rows of a backup. */
import { Effect, Option, Stream } from "effect"
import { Flag } from "effect/cli"
import type { StoredRow } from "../../records/storedRows.ts"
import { Store } from "../../store/store.ts"
import { rowsOfBackup } from "../../transfer/readBackup.ts"
import { userError } from "../output/userError.ts"
import { bytesOf } from "./backupFile.ts"

export const expectationFlags = {
  expectKeys: Flag.Int("expect-keys").pipe(
    Flag.withDescription("Fail if the store has fewer keys, deleted ones included"),
    Flag.optional
  ),
  continues: Flag.String("continues").pipe(
    Flag.withDescription("File of a backup; fail unless the store has everything that the audit log of the backup has"),
    Flag.optional
  )
}

interface Expectations {
  readonly expectKeys: Option.Option<number>
  readonly continues: Option.Option<string>
}

interface Counted {
  readonly keys: number
  readonly auditSegments: number
}

type Segment = StoredRow<"audit">

/** The newest audit segment of a backup; undefined if its log is empty. */
const newestSegment = (file: string) =>
  Stream.runFold(
    rowsOfBackup(bytesOf(file)),
    (): Segment | undefined => undefined,
    (newest, page) => (page.table === "audit" ? page.rows.at(-1) : newest)
  )

const continuation = Effect.fnUntraced(function* (file: string, { auditSegments }: Counted) {
  const newest = yield* Effect.mapError(newestSegment(file), ({ message }) => userError(message))
  if (newest === undefined) return []
  const store = yield* Store
  const [same] = yield* store.auditSegments({ afterSeq: newest.seq - 1, limit: 1 })
  if (same?.seq !== newest.seq) {
    return [
      `it is older than ${file}: its audit log ends at segment ${auditSegments}, and that of the backup at ${newest.seq}`
    ]
  }
  return same.hash === newest.hash ? [] : [`it is another store than that of ${file}, or one with another history`]
})

/** One sentence for each expectation that is not met. A store without keys and records is always reported. */
export const unmetExpectations = Effect.fnUntraced(function* ({ expectKeys, continues }: Expectations, found: Counted) {
  const fewer = Option.match(expectKeys, {
    onNone: () => [],
    onSome: (expected) => (found.keys < expected ? [`it has ${found.keys} keys, and ${expected} were expected`] : [])
  })
  const older = Option.isSome(continues) ? yield* continuation(continues.value, found) : []
  return [...fewer, ...older]
})

/** Whether the store was never used. */
export const isEmpty = ({ keys, auditSegments }: Counted): boolean => keys === 0 && auditSegments === 0
