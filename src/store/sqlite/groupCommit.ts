/** The one writer: whatever is ready to be written together becomes one transaction and pays for one sync. */
import { Effect, Latch } from "effect"
import type { Exit, Scope } from "effect"
import { Failpoints, HostProcess } from "../../platform/services.ts"
import type { StoreFailpoint } from "../failpoints.ts"
import { StoreUnavailable } from "../store.ts"
import { describeFailure } from "./failures.ts"
import type { LogSync } from "./logSync.ts"
import { transact } from "./transaction.ts"
import type { Setting, Waiting, WriteKind } from "./transaction.ts"

/** While one group's sync runs the next is decided and written: many writes at once are better two groups than one. */
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

/** Runs `apply` inside a transaction and answers with its outcome once that is durable. */
export type Write = <A, E>(kind: WriteKind, apply: () => Exit.Exit<A, E>) => Effect.Effect<A, E | StoreUnavailable>

export const makeWriter = (
  memory: Omit<Setting, "beforeCommit">,
  log: LogSync
): Effect.Effect<Write, never, Failpoints | HostProcess | Scope.Scope> =>
  Effect.gen(function* () {
    const failpoints = yield* Failpoints
    const host = yield* HostProcess
    const ready = yield* Latch.make(false)
    const run = Effect.runForkWith(yield* Effect.context<never>())
    const queue: Array<Waiting> = []
    let closed: StoreUnavailable | undefined

    const close = (message: string): void => {
      closed = new StoreUnavailable({ reason: "Closed", message })
      for (const waiting of queue.splice(0)) waiting.fail(closed)
    }

    /** A transaction that may or may not be on disk ends the process: it is neither tried again nor answered. */
    const halt = (group: ReadonlyArray<Waiting>, failure: unknown): Effect.Effect<void> =>
      Effect.sync(() => {
        const reason = `the store could not make a transaction durable: ${describeFailure(failure)}`
        const unknown = new StoreUnavailable({ reason: "Closed", outcome: "Unknown", message: `${reason}.` })
        try {
          host.haltSync(reason)
        } finally {
          // Only a process that is simulated comes here.
          close(`${reason}.`)
          for (const waiting of group) waiting.fail(unknown)
        }
      })

    const writeGroup = Effect.fnUntraced(function* (group: ReadonlyArray<Waiting>) {
      const kinds = new Set(group.map(({ kind }) => kind))
      const passed = [...kinds].flatMap((kind) => boundaries[kind] ?? [])
      const beforeCommit = () => {
        if (kinds.has("commit")) failpoints.reachSync("store.commit.afterStatements")
      }
      for (const { before } of passed) yield* failpoints.reach(before)
      const written = transact({ ...memory, beforeCommit }, group)
      const answer = (): void => {
        for (const waiting of written) waiting.answer()
      }
      if (written.length === 0) return
      // At once: from the transaction on readers must know what to wait for. The loop goes on with the next group meanwhile.
      log.sync((failure) => (failure === null ? answer() : run(halt(written, failure))))
      for (const { after } of passed) yield* failpoints.reach(after)
    })

    const drain = Effect.gen(function* () {
      while (queue.length > 0) {
        const group = queue.splice(0, groupMax)
        yield* writeGroup(group).pipe(Effect.catchDefect((failure) => halt(group, failure)))
      }
      ready.closeUnsafe()
    })

    const loop = Effect.gen(function* () {
      for (;;) {
        yield* ready.await
        // Later than whatever is ready to run now: that may be about to join the group.
        yield* Effect.yieldNowWith(1)
        yield* Effect.uninterruptible(drain)
      }
    })
    yield* Effect.addFinalizer(() => Effect.sync(() => close("The store is closed.")))
    yield* Effect.forkScoped(loop)

    const write: Write = <A, E>(
      kind: WriteKind,
      apply: () => Exit.Exit<A, E>
    ): Effect.Effect<A, E | StoreUnavailable> =>
      Effect.callback<A, E | StoreUnavailable>((resume) => {
        if (closed !== undefined) return resume(Effect.fail(closed))
        let outcome: Exit.Exit<A, E> | undefined
        queue.push({
          kind,
          apply: () => {
            outcome = apply()
          },
          answer: () => resume(outcome ?? Effect.die(new Error("a write was answered before it was applied"))),
          die: (defect) => resume(Effect.die(defect)),
          fail: (failure) => resume(Effect.fail(failure))
        })
        ready.openUnsafe()
      }).pipe(Effect.uninterruptible)
    return write
  })
