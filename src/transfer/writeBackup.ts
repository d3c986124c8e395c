/** Writes rows of a store as the bytes of a backup. */
import { createHash } from "node:crypto"
import { Effect, Stream } from "effect"
import type { StoredRow } from "../records/storedRows.ts"
import type { StoreUnusable } from "../store/driver.ts"
import type { Page, Rows } from "../store/transfer.ts"
import { endText, formatName, formatVersion, rowText } from "./backupFormat.ts"
import type { BackupHeader } from "./backupFormat.ts"
import { counted, ofStartedStore } from "./transferRows.ts"
import type { RowCounts } from "./transferRows.ts"

const pageText = ({ table, rows }: Page): string =>
  // The compiler does not relate a table's rows to the table's name.
  (rows as ReadonlyArray<StoredRow<typeof table>>).map((row) => `${rowText(table, row)}\n`).join("")

const headerText = (about: Pick<BackupHeader, "made" | "keystate">): string => {
  const header: BackupHeader = { format: formatName, version: formatVersion, ...about }
  return `${JSON.stringify(header)}\n`
}

/** The bytes of a backup, in chunks. `done` receives the numbers of rows before the last chunk. */
export const backupOf = <E>(
  rows: Rows<E>,
  about: Pick<BackupHeader, "made" | "keystate">,
  done: (counts: RowCounts) => void = () => undefined
): Stream.Stream<Uint8Array, E | StoreUnusable> =>
  Stream.suspend(() => {
    const hash = createHash("sha256")
    let counts: RowCounts = {}
    const hashed = (text: string): Uint8Array => {
      const bytes = Buffer.from(text, "utf8")
      hash.update(bytes)
      return bytes
    }
    const pages = Stream.map(ofStartedStore(rows), (page) => {
      counts = counted(counts, page)
      return hashed(pageText(page))
    })
    const end = Stream.fromEffect(
      Effect.sync(() => {
        done(counts)
        return Buffer.from(`${endText(counts, hash.digest("hex"))}\n`, "utf8")
      })
    )
    return Stream.make(hashed(headerText(about))).pipe(Stream.concat(pages), Stream.concat(end))
  })
