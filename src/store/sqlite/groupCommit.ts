/** The only writer: collects the writes that are ready into one transaction with one sync. */
import { Effect, Latch } from "effect"
import type { Exit, Scope } from "effect"
import { Failpoints, HostProcess } from "../../platform/services.ts"
import type { StoreFailpoint } from "../failpoints.ts"
import { StoreUnavailable } from "../store.ts"
import { describeFailure } from "./failures.ts"
import type { LogSync } from "./logSync.ts"
import { transact } from "./transaction.ts"
import type { Setting, Waiting, WriteKind } from "./transaction.ts"

/**
 * While one group is synced, the next one is decided and written. This many simultaneous writes are faster in two
 * groups.
 */
const groupMax = 32

const boundaries: {
  readonly [kind in WriteKind]?: { readonly before: StoreFailpoint; readonly after: StoreFailpoint }
} = {
  commit: { before: "store.commit.before", after: "store.commit.afterCommit" },
  audit: { before: "store.audit.before", after: "store.audit.after" },
  nonces: { before: "store.nonces.before", after: "store.nonces.after" },
  settle: { before: "store.settle.before", after: "store.settle.after" },
  meta: { before: "store.meta.before", after: "store.meta.after" },
  import: { before: "store.import.before", after: "store.import.after" },
  ram: { before: "store.ram.before", after: "store.ram.after" }
}

/** Runs `apply` inside a transaction and returns its outcome when that is durable. */
export type Write = <A, E>(kind: WriteKind, apply: () => Exit.Exit<A, E>) => Effect.Effect<A, E | StoreUnavailable>

interface Writer {
  readonly setting: Omit<Setting, "beforeCommit">
  readonly log: LogSync
  readonly failpoints: Failpoints["Service"]
  readonly host: HostProcess["Service"]
  /** Open while writes wait in the queue. */
  readonly ready: Latch.Latch
  readonly run: (effect: Effect.Effect<void>) => void
  readonly queue: Array<Waiting>
  /** Why nothing is written any more; undefined while the writer works. */
  closed: StoreUnavailable | undefined
}

const close = (writer: Writer, message: string): void => {
  const closed = new StoreUnavailable({ reason: "Closed", message })
  writer.closed = closed
  for (const waiting of writer.queue.splice(0)) waiting.fail(closed)
}

/**
 * If it is unknown whether a transaction is on disk, the process ends: the transaction is neither retried nor answered.
 */
const halt = (writer: Writer, group: ReadonlyArray<Waiting>, failure: unknown): Effect.Effect<void> =>
  Effect.sync(() => {
    const reason = `the store could not make a transaction durable: ${describeFailure(failure)}`
    const unknown = new StoreUnavailable({ reason: "Closed", outcome: "Unknown", message: `${reason}.` })
    try {
      writer.host.haltSync(reason)
    } finally {
      // Only a simulated process reaches this line.
      close(writer, `${reason}.`)
      for (const waiting of group) waiting.fail(unknown)
    }
  })

const writeGroup = Effect.fnUntraced(function* (writer: Writer, group: ReadonlyArray<Waiting>) {
  const { failpoints } = writer
  const kinds = new Set(group.map(({ kind }) => kind))
  const passed = [...kinds].flatMap((kind) => boundaries[kind] ?? [])
  const beforeCommit = () => {
    if (kinds.has("commit")) failpoints.reachSync("store.commit.afterStatements")
  }
  for (const { before } of passed) yield* failpoints.reach(before)
  const written = transact({ ...writer.setting, beforeCommit }, group)
  const answer = (): void => {
    for (const waiting of written) waiting.answer()
  }
  if (written.length === 0) return
  // Starts the sync at once, because readers must know what to wait for. The loop continues with the next group.
  writer.log.sync((failure) => (failure === null ? answer() : writer.run(halt(writer, written, failure))))
  for (const { after } of passed) yield* failpoints.reach(after)
})

const drain = Effect.fnUntraced(function* (writer: Writer) {
  while (writer.queue.length > 0) {
    const group = writer.queue.splice(0, groupMax)
    yield* writeGroup(writer, group).pipe(Effect.catchDefect((failure) => halt(writer, group, failure)))
  }
  writer.ready.closeUnsafe()
})

const drainForever = Effect.fnUntraced(function* (writer: Writer) {
  for (;;) {
    yield* writer.ready.await
    // Runs after all tasks that are ready now, because they may join the group.
    yield* Effect.yieldNowWith(1)
    yield* Effect.uninterruptible(drain(writer))
  }
})

const write = <A, E>(
  writer: Writer,
  kind: WriteKind,
  apply: () => Exit.Exit<A, E>
): Effect.Effect<A, E | StoreUnavailable> =>
  Effect.callback<A, E | StoreUnavailable>((resume) => {
    if (writer.closed !== undefined) return resume(Effect.fail(writer.closed))
    let outcome: Exit.Exit<A, E> | undefined
    writer.queue.push({
      kind,
      apply: () => {
        outcome = apply()
      },
      answer: () => resume(outcome ?? Effect.die(new Error("a write was answered before it was applied"))),
      die: (defect) => resume(Effect.die(defect)),
      fail: (failure) => resume(Effect.fail(failure))
    })
    writer.ready.openUnsafe()
  }).pipe(Effect.uninterruptible)

/** Starts the writer loop. When the scope ends, waiting writes fail. */
export const makeWriter = (
  setting: Omit<Setting, "beforeCommit">,
  log: LogSync
): Effect.Effect<Write, never, Failpoints | HostProcess | Scope.Scope> =>
  Effect.gen(function* () {
    const writer: Writer = {
      setting,
      log,
      failpoints: yield* Failpoints,
      host: yield* HostProcess,
      ready: yield* Latch.make(false),
      run: Effect.runForkWith(yield* Effect.context<never>()),
      queue: [],
      closed: undefined
    }
    yield* Effect.addFinalizer(() => Effect.sync(() => close(writer, "The store is closed.")))
    yield* Effect.forkScoped(drainForever(writer))
    return (kind, apply) => write(writer, kind, apply)
  })
