/** The stored numbers of keys and aliases agree with the rows, after any history and after a migration. */
import { DatabaseSync } from "node:sqlite"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { openCounts } from "../../src/store/sqlite/counts.ts"
import { countName, portStatements, scanName } from "../../src/store/sqlite/portStatements.ts"
import { migrate } from "../../src/store/sqlite/migrate.ts"
import { openPositions } from "../../src/store/sqlite/positions.ts"
import { openRows } from "../../src/store/sqlite/rows.ts"
import { blockBits, migrations } from "../../src/store/sqlite/schema.ts"
import { prepareStatements } from "../../src/store/sqlite/statements.ts"
import type { StoredRow } from "../../src/records/storedRows.ts"

const states = ["PendingImport", "Enabled", "Disabled", "PendingDeletion", "Deleted"] as const
const regions = ["cn-hangzhou", "cn-beijing"] as const

interface Step {
  readonly act: "add" | "move" | "remove" | "rollBack"
  readonly key: number
  readonly state: (typeof states)[number]
  readonly region: (typeof regions)[number]
  readonly service: boolean
}

const steps = fc.array(
  fc.record<Step>({
    act: fc.constantFrom("add", "add", "move", "move", "remove", "rollBack"),
    key: fc.nat({ max: 9 }),
    state: fc.constantFrom(...states),
    region: fc.constantFrom(...regions),
    service: fc.boolean()
  }),
  { maxLength: 40 }
)

const snapshotOf = ({ service, state }: Step): string =>
  JSON.stringify({ value: { lifecycle: state }, context: { epoch: 1, serviceKey: service } })

/** Positions in several blocks. */
const ordinalOf = ({ key }: Pick<Step, "key">): number => key * 2 ** (blockBits - 2)

const add = (database: DatabaseSync, step: Step): void => {
  const values = [ordinalOf(step), `key-${step.key}`, step.region, Number(step.service), snapshotOf(step), step.state]
  database
    .prepare(
      "INSERT OR IGNORE INTO keys (ordinal, id, account, region, service, metadata, snapshot, epoch, state, head) " +
        "VALUES (?, ?, '1', ?, ?, '{}', ?, 1, ?, '')"
    )
    .run(...values)
}

/** Changes a key as an earlier version did: its schema had no numbers, or triggers for them. */
const move = (database: DatabaseSync, step: Step): void =>
  void database
    .prepare("UPDATE keys SET state = ?, snapshot = json_set(snapshot, '$.value.lifecycle', ?) WHERE id = ?")
    .run(step.state, step.state, `key-${step.key}`)

/** Performs a step on a store of the newest schema, in one transaction of the writer. */
const perform = (database: DatabaseSync): ((step: Step) => void) => {
  const statements = prepareStatements(database)
  const [positions, counts] = [openPositions(statements), openCounts(statements)]
  const rows = openRows({ statements, positions, counts })
  const change = (step: Step): void => {
    const row = database.prepare(`SELECT *, id AS keyId FROM keys WHERE id = ?`).get(`key-${step.key}`)
    if (row === undefined) return
    const next = { ...row, state: step.state, snapshot: snapshotOf({ ...step, service: row["service"] === 1 }) }
    rows.write({ op: "put", table: "keys", row: { ...next, service: row["service"] === 1 } as StoredRow<"keys"> })
  }
  const end = (): void => {
    counts.write()
    database.exec("COMMIT")
  }
  return (step) => {
    database.exec("BEGIN")
    positions.retract()
    if (step.act !== "move") add(database, step)
    if (step.act !== "add") change(step)
    if (step.act === "remove") database.prepare("DELETE FROM keys WHERE id = ?").run(`key-${step.key}`)
    if (step.act !== "rollBack") return end()
    database.exec("ROLLBACK")
    return counts.retract()
  }
}

const performEarlier =
  (database: DatabaseSync) =>
  (step: Step): void => {
    if (step.act === "add") add(database, step)
    else move(database, step)
  }

const counted = "SELECT region, state, service, number FROM key_counts WHERE number <> 0 ORDER BY 1, 2, 3"
const blocks = "SELECT region, block, number FROM key_blocks WHERE number <> 0 ORDER BY 1, 2"
const listed =
  `SELECT region, ordinal >> ${blockBits} AS block, count(*) AS number FROM keys WHERE state <> 'Deleted' ` +
  "GROUP BY 1, 2 ORDER BY 1, 2"
const rows = "SELECT region, state, service, count(*) AS number FROM keys GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"

describe("stored numbers of keys", () => {
  it.each([
    ["of a store without numbers that is migrated", migrations.slice(0, 5)],
    ["of a store with triggers that is migrated", migrations.slice(0, 6)]
  ])("the stored numbers of keys %s agree with the rows", (_name, made) => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        using database = new DatabaseSync(":memory:")
        migrate(database, made)
        before.forEach(performEarlier(database))
        migrate(database)
        after.forEach(perform(database))
        expect(database.prepare(counted).all()).toEqual(database.prepare(rows).all())
        expect(database.prepare(blocks).all()).toEqual(database.prepare(listed).all())
      })
    )
  })

  it("the stored numbers of keys lead every page of a list to its keys", () => {
    const page = portStatements.get(scanName("keys", "live")) ?? ""
    const all = "SELECT id FROM keys WHERE account = '1' AND region = ? AND state <> 'Deleted' ORDER BY ordinal"
    fc.assert(
      fc.property(steps, fc.nat({ max: 12 }), fc.nat({ max: 4 }), (history, offset, limit) => {
        using database = new DatabaseSync(":memory:")
        migrate(database)
        history.forEach(perform(database))
        for (const region of regions) {
          const ids = (text: string, ...values: ReadonlyArray<string | number>) =>
            database
              .prepare(text)
              .all(...values)
              .map((row) => row["id"])
          expect(ids(page, "1", region, limit, offset)).toEqual(ids(all, region).slice(offset, offset + limit))
        }
      })
    )
  })

  it("the stored numbers of aliases lead to every page of a list, and agree with the rows", () => {
    const page = portStatements.get(scanName("aliases", "inRealm")) ?? ""
    const total = portStatements.get(countName("aliases", "inRealm")) ?? ""
    const all = "SELECT name FROM aliases WHERE account = '1' AND region = ? ORDER BY ordinal"
    fc.assert(
      fc.property(steps, fc.nat({ max: 12 }), fc.nat({ max: 4 }), (history, offset, limit) => {
        using database = new DatabaseSync(":memory:")
        migrate(database)
        add(database, { act: "add", key: 1, region: "cn-hangzhou", service: false, state: "Enabled" })
        const key = ordinalOf({ key: 1 })
        const insert = database.prepare("INSERT OR IGNORE INTO aliases VALUES (?, '1', ?, ?, ?)")
        const remove = database.prepare("DELETE FROM aliases WHERE ordinal = ?")
        for (const step of history) {
          if (step.act === "remove") remove.run(ordinalOf(step))
          else insert.run(ordinalOf(step), step.region, `alias/${step.key}`, key)
        }
        for (const region of regions) {
          const names = (text: string, ...values: ReadonlyArray<string | number>) =>
            database
              .prepare(text)
              .all(...values)
              .map((row) => row["name"])
          const known = names(all, region)
          expect(names(page, "1", region, limit, offset)).toEqual(known.slice(offset, offset + limit))
          expect(database.prepare(total).get("1", region)).toEqual({ total: known.length })
        }
      })
    )
  })
})
