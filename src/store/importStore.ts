/** Import sessions in the store, with the number of wrong uses of their tokens. */
import { Effect } from "effect"
import type { Write } from "../plan/plan.ts"
import * as form from "../records/storedForm.ts"
import type { StoredRow } from "../records/storedRows.ts"
import type { StoreDriver } from "./driver.ts"
import type { Reader } from "./rowReader.ts"
import { unchecked, update, writesOf } from "./rowWriter.ts"
import type { Store } from "./store.ts"

const everything = Number.MAX_SAFE_INTEGER

const withFailures = (row: StoredRow<"importSessions">, failures: number): Write => ({
  op: "put",
  table: "importSessions",
  row: { ...row, failures }
})

export const importStore = (driver: StoreDriver, { one, many }: Reader) =>
  ({
    addImportSession: (row) => unchecked(driver, writesOf("import", [{ op: "put", table: "importSessions", row }])),
    importSession: (id) => one("importSessions", [id], form.readSession),
    countImportTry: ({ id, failuresMax }) =>
      update(driver, { purpose: "import", table: "importSessions", id: [id] }, (row) =>
        row === undefined || row.failures >= failuresMax
          ? { write: undefined, answer: false }
          : { write: withFailures(row, row.failures + 1), answer: true }
      ),
    forgiveImportTry: (id) =>
      update(driver, { purpose: "import", table: "importSessions", id: [id] }, (row) => ({
        write: row && withFailures(row, row.failures - 1),
        answer: undefined
      })),
    importSessions: many({ table: "importSessions", index: "all", partition: [], limit: everything }, form.readSession),
    forgetImportSessions: (now) =>
      Effect.gen(function* () {
        const ended = yield* many(
          { table: "importSessions", index: "byExpiry", partition: [], until: now, limit: everything },
          form.readSession
        )
        const deletes = ended.map(({ id }): Write => ({ op: "delete", table: "importSessions", id: [id] }))
        if (deletes.length > 0) yield* unchecked(driver, writesOf("import", deletes))
        return ended
      })
  }) satisfies Partial<Store["Service"]>
