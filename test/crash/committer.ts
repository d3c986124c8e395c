/** A process that writes to a store until it is killed, and prints each acknowledged write. */
import { writeSync } from "node:fs"
import { Effect, Layer } from "effect"
import type { CmkEvent } from "../../machines/cmk.ts"
import { Failpoints } from "../../src/platform/services.ts"
import { sqliteStoreLayer } from "../../src/store/sqlite/sqliteStore.ts"
import { Store } from "../../src/store/store.ts"
import type { StoreFailure } from "../../src/store/store.ts"
import type { AuditRecord, Change, ImportSessionRow } from "../../src/records/rows.ts"
import type { KeyId } from "../../src/domain/ids.ts"
import { born, day, realm, scheduled, sealedOf, start, told } from "../../src/conformance/store/changes.ts"
import type { Step } from "../../src/conformance/store/changes.ts"
import { immortal } from "./immortal.ts"

/** The acknowledged writes, one JSON object per line. */
export type Promised =
  | { readonly of: "change"; readonly keyId: string; readonly epoch: number; readonly head: string }
  | { readonly of: "settled" | "scrubbed" | "failure"; readonly n: number }
  | { readonly of: "audit" | "nonces" | "meta" | "ram"; readonly count: number }

const lanes = 6
/** Younger sessions remove sessions older than this. */
const sessionsKept = 50
const [directory = "", failpoint = "none", nth = "1"] = process.argv.slice(2)

// A line is written completely before the next step: every printed write was acknowledged.
const print = (promised: Promised): void => {
  writeSync(1, `${JSON.stringify(promised)}\n`)
}

/** Kills this process at the n-th visit of one failpoint. */
const deadly = Layer.sync(Failpoints, () => {
  let visits = 0
  const reachSync = (name: string): void => {
    if (name !== failpoint || ++visits < Number(nth)) return
    process.kill(process.pid, "SIGKILL")
  }
  return { reach: (name) => Effect.sync(() => reachSync(name)), reachSync }
})

const commit = Effect.fnUntraced(function* (change: Change) {
  const store = yield* Store
  const head = yield* store.commit(change)
  print({ of: "change", keyId: change.keyId, epoch: change.entry.seq, head })
})

/** One key from creation to deletion, with some changes of its state. */
const liveOnce = Effect.fnUntraced(function* (n: number) {
  const store = yield* Store
  let step: Step = born({ n, input: { rotationIntervalMillis: n % 2 === 0 ? 30 * day : null } })
  yield* commit(step.change)
  const dueAt = start + 7 * day
  const events: ReadonlyArray<CmkEvent> = [
    { type: "DisableKey", at: start + 1 },
    { type: "EnableKey", at: start + 2 },
    { type: "CreateAlias", at: start + 3 },
    scheduled(start, 7),
    { type: "DeletionDue", at: dueAt, dueAt, epoch: 5 }
  ]
  for (const event of events) {
    const isAlias = event.type === "CreateAlias"
    const { keyId } = step.change
    step = told(step, event, isAlias ? { aliases: [{ aliasName: `alias/${n}`, from: null, to: keyId }] } : {})
    yield* commit(step.change)
  }
  yield* store.addImportSession(sessionOf(n, step.change.keyId))
  yield* store.countImportTry({ id: `session ${n}`, failuresMax: 16 })
  print({ of: "failure", n })
  yield* store.forgetImportSessions(n - sessionsKept)
  yield* store.scrub
  print({ of: "scrubbed", n })
  for (const command of step.change.owed) yield* store.settle({ keyId: step.change.keyId, seq: 6, command })
  print({ of: "settled", n })
})

/** Expires at its number, so that the newest ones are always present. */
const sessionOf = (n: number, keyId: KeyId): ImportSessionRow => ({
  id: `session ${n}`,
  keyId,
  wrappingKeySpec: "RSA_2048",
  wrappingAlgorithm: "RSAES_OAEP_SHA_1",
  expiresAt: n,
  failures: 0,
  sealed: sealedOf(n * 1000 + 500, 1200)
})

const keyLane = (lane: number) =>
  Effect.gen(function* () {
    for (let n = lane; ; n += lanes) yield* liveOnce(n)
  })

const unchanged: AuditRecord = {
  at: start,
  requestId: "",
  principal: "acs:ram::1:root",
  operation: "CreateUser",
  keyId: null,
  outcome: "Success",
  before: null,
  after: null
}

const counting = (
  of: "audit" | "nonces" | "meta" | "ram",
  write: (count: number) => Effect.Effect<void, StoreFailure, Store>
) =>
  Effect.gen(function* () {
    for (let count = 1; ; count++) {
      yield* write(count)
      print({ of, count })
    }
  })

const program = Effect.all(
  [
    ...Array.from({ length: lanes }, (_, lane) => keyLane(lane)),
    counting("audit", (count) => Effect.flatMap(Store, (store) => store.appendAudit([`line ${count}`]))),
    counting("nonces", (count) =>
      Effect.flatMap(Store, (store) => store.appendNonces({ expiresAt: start + count, lines: [`nonce ${count}`] }))
    ),
    counting("ram", (count) =>
      Effect.gen(function* () {
        const store = yield* Store
        yield* store.changeRam({
          after: yield* store.ramVersion,
          put: [{ account: realm.account, kind: "user", name: "counter", record: String(count) }],
          drop: [],
          audit: { ...unchanged, requestId: `ram ${count}` }
        })
      }).pipe(Effect.catchTag("StoreConflict", (conflict) => Effect.die(conflict)))
    ),
    counting("meta", (count) => Effect.flatMap(Store, (store) => store.setMeta("count", String(count))))
  ],
  { concurrency: "unbounded", discard: true }
)

await Effect.runPromise(
  program.pipe(Effect.provide(sqliteStoreLayer({ directory }).pipe(Layer.provide([deadly, immortal]))))
)
