/** 64 keys disabled and enabled at once, each change on disk before its answer, against one commit after the other. */
import { randomUUID } from "node:crypto"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { Effect, ManagedRuntime } from "effect"
import { KmsSqlite } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { alternate, perSecond, rate, row } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const keys = 64
/** Each round is long enough for a checkpoint of both logs and for a garbage collection. */
const changesEach = 160
const floorChanges = 2400
const rounds = 7

/** The rows one change writes, in one separate durable transaction, as a service without group commit does. */
const openFloor = (): (() => void) => {
  const database = new DatabaseSync(join(scratchDirectory(), "floor.db"))
  database.exec(
    `PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;
     CREATE TABLE keys (id TEXT PRIMARY KEY, snapshot TEXT, head TEXT) STRICT;
     CREATE TABLE events (key TEXT, seq INTEGER, payload TEXT, hash TEXT, PRIMARY KEY (key, seq)) STRICT;
     CREATE TABLE audit (seq INTEGER PRIMARY KEY, line TEXT) STRICT;`
  )
  const begin = database.prepare("BEGIN IMMEDIATE")
  const commit = database.prepare("COMMIT")
  const key = database.prepare(
    "INSERT INTO keys VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET snapshot = excluded.snapshot"
  )
  const event = database.prepare("INSERT INTO events VALUES (?, ?, ?, ?)")
  const audit = database.prepare("INSERT INTO audit (line) VALUES (?)")
  const ids = Array.from({ length: keys }, () => randomUUID())
  const snapshot = "s".repeat(600)
  const payload = "p".repeat(120)
  const line = "l".repeat(250)
  const hash = "h".repeat(64)
  let seq = 0
  return () => {
    const id = ids[seq++ % keys] ?? ""
    begin.run()
    key.run(id, snapshot, hash)
    event.run(id, seq, payload, hash)
    audit.run(line)
    commit.run()
  }
}

export const durableChanges = async (): Promise<Row> => {
  const single = openFloor()
  const runtime = ManagedRuntime.make(KmsSqlite({ directory: scratchDirectory() }))
  const kms = await runtime.runPromise(Effect.flatMap(Kms, Effect.succeed))
  const ids = await runtime.runPromise(
    Effect.forEach(Array.from({ length: keys }), () => Effect.map(kms.createKey(), (made) => made.KeyMetadata.KeyId), {
      concurrency: "unbounded"
    })
  )
  const floor = async (): Promise<number> => {
    const startedAt = process.hrtime.bigint()
    for (let i = 0; i < floorChanges; i++) single()
    return perSecond(floorChanges, startedAt)
  }
  const switching = (KeyId: string) =>
    Effect.gen(function* () {
      for (let i = 0; i < changesEach; i += 2) {
        yield* kms.disableKey({ KeyId })
        yield* kms.enableKey({ KeyId })
      }
    })
  const ours = async (): Promise<number> => {
    const startedAt = process.hrtime.bigint()
    await runtime.runPromise(Effect.forEach(ids, switching, { concurrency: "unbounded", discard: true }))
    return perSecond(keys * changesEach, startedAt)
  }
  const measured = await alternate(rounds, floor, ours)
  await runtime.dispose()
  return row(
    "64 concurrent EnableKey/DisableKey, durable / sequential single commits",
    measured.ratio,
    3,
    `${rate(measured.ours)} of ${rate(measured.floor)}`
  )
}
