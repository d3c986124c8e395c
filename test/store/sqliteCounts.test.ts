/** The stored numbers of keys agree with the rows, after any history and after a migration. */
import { DatabaseSync } from "node:sqlite"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { portStatements, scanName } from "../../src/store/sqlite/portStatements.ts"
import { migrate } from "../../src/store/sqlite/migrate.ts"
import { blockBits, migrations } from "../../src/store/sqlite/schema.ts"

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
const ordinalOf = ({ key }: Step): number => key * 2 ** (blockBits - 2)

const add = (database: DatabaseSync, step: Step): void => {
  const values = [ordinalOf(step), `key-${step.key}`, step.region, Number(step.service), snapshotOf(step), step.state]
  database
    .prepare(
      "INSERT OR IGNORE INTO keys (ordinal, id, account, region, service, metadata, snapshot, epoch, state, head) " +
        "VALUES (?, ?, '1', ?, ?, '{}', ?, 1, ?, '')"
    )
    .run(...values)
}

const move = (database: DatabaseSync, step: Step): void =>
  void database
    .prepare("UPDATE keys SET state = ?, service = ?, snapshot = ? WHERE id = ?")
    .run(step.state, Number(step.service), snapshotOf(step), `key-${step.key}`)

const perform = (database: DatabaseSync, step: Step): void => {
  switch (step.act) {
    case "add":
      return add(database, step)
    case "move":
      return move(database, step)
    case "remove":
      return void database.prepare("DELETE FROM keys WHERE id = ?").run(`key-${step.key}`)
    case "rollBack":
      database.exec("BEGIN")
      add(database, step)
      move(database, step)
      return database.exec("ROLLBACK")
    default:
      return step.act satisfies never
  }
}

const counted = "SELECT region, state, service, number FROM key_counts WHERE number <> 0 ORDER BY 1, 2, 3"
const blocks = "SELECT region, block, number FROM key_blocks WHERE number <> 0 ORDER BY 1, 2"
const listed =
  `SELECT region, ordinal >> ${blockBits} AS block, count(*) AS number FROM keys WHERE state <> 'Deleted' ` +
  "GROUP BY 1, 2 ORDER BY 1, 2"
const rows = "SELECT region, state, service, count(*) AS number FROM keys GROUP BY 1, 2, 3 ORDER BY 1, 2, 3"

describe("stored numbers of keys", () => {
  it.each([
    ["of a new store", migrations],
    ["of a store of an earlier version that is migrated", migrations.slice(0, 5)]
  ])("the stored numbers of keys %s agree with the rows", (_name, made) => {
    fc.assert(
      fc.property(steps, steps, (before, after) => {
        using database = new DatabaseSync(":memory:")
        migrate(database, made)
        for (const step of before) perform(database, step)
        migrate(database)
        for (const step of after) perform(database, step)
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
        for (const step of history) perform(database, step)
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
})
