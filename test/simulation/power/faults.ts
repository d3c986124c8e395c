/** Seeded faults of the engine that need several clients, several nodes, or failures. The simulation must find each. */
import type { BrokenEngine } from "../../conformance/power/fault.ts"

export interface EngineFault extends BrokenEngine {
  /** What the engine does wrong. */
  readonly does: string
}

const fault = (id: string, does: string, file: string, find: string, replace: string): EngineFault => ({
  id,
  does,
  patches: [{ file, find, replace }]
})

const turn = "src/actor/turn.ts"
const ram = "src/authorization/ram.ts"
const proofs = "src/proof/proofs.ts"
const plan = "src/plan/changePlan.ts"
const keyState = "src/actor/keyState.ts"
const timers = "src/timers/timers.ts"
const machine = "machines/cmk.ts"

export const engineFaults: ReadonlyArray<EngineFault> = [
  fault(
    "stale-key",
    "A node does not read a key again that another node changed.",
    turn,
    "key.isRetired || key.row.head === revision ? Effect.void : adopt(key)",
    "Effect.void"
  ),
  fault(
    "stale-access-control",
    "A node believes that it knows every change of access control.",
    ram,
    "isCurrent: (proof) => versionIn(proof) === held.version",
    "isCurrent: (proof) => versionIn(proof) >= 0"
  ),
  fault(
    "replay",
    "A signed request is fresh although its nonce was used.",
    proofs,
    "isFresh: nonce === undefined || fresh[nonce] === true",
    "isFresh: true"
  ),
  fault(
    "shown-before-durable",
    "A change is shown before it is durable.",
    turn,
    "return Effect.flatMap(commit(key, change, next), (head) => {",
    'show(key, { next, change, head: "", event: message.event })\n  return Effect.flatMap(commit(key, change, next), (head) => {'
  ),
  fault(
    "unknown-is-success",
    "A commit whose answer was lost is taken for done.",
    turn,
    "return Effect.fail(refusalOf(failure))\n      }",
    "return Effect.void\n      }"
  ),
  fault(
    "conflict-is-success",
    "A change that lost a race is taken for done.",
    turn,
    "return Effect.flatMap(adopt(key), () => takeTurn(key, message, adoptionsLeft - 1))",
    "return Effect.asVoid(adopt(key))"
  ),
  fault(
    "tried-again",
    "A change whose answer was lost is performed once more.",
    turn,
    "return Effect.fail(refusalOf(failure))\n      }",
    "return Effect.flatMap(adopt(key), () => takeTurn(key, message, adoptionsLeft - 1))\n      }"
  ),
  fault(
    "lost-update",
    "A change does not look whether the key is as it was decided on.",
    plan,
    '[{ table: "keys", id: [keyId], revision: expectedEpoch === 0 ? undefined : previous }]',
    "[]"
  ),
  fault(
    "alias-race",
    "A change of an alias does not look where the alias points.",
    plan,
    "for (const { aliasName, from } of aliases ?? []) {",
    "for (const { aliasName, from } of [] as NonNullable<typeof aliases>) {"
  ),
  fault(
    "access-control-race",
    "A change of access control does not look whether another one came first.",
    "src/store/makeStore.ts",
    'checks: [{ table: "meta", id: accessVersionId, revision }]',
    "checks: []"
  ),
  fault(
    "access-control-forgotten",
    "A lost race of access control decides again without what won.",
    ram,
    "Effect.andThen(reload(state.held, state.store), attempt(left - 1))",
    "Effect.andThen(Effect.sync(() => void (state.held.version += 1)), attempt(left - 1))"
  ),
  fault(
    "deadlines-kept",
    "A change keeps the deadlines that the key had.",
    plan,
    "if (expectedEpoch > 0) {",
    "if (expectedEpoch < 0) {"
  ),
  fault(
    "deadlines-dropped",
    "A change arms no deadline.",
    plan,
    "for (const { kind, dueAt, epoch } of deadlines) {",
    "for (const { kind, dueAt, epoch } of deadlines.slice(1)) {"
  ),
  fault(
    "fires-early",
    "A deadline is performed up to a minute early.",
    timers,
    "yield* Effect.suspend(() => fireDue(loop, loop.clock.now())).pipe(loop.turn.withPermit)",
    "yield* Effect.suspend(() => fireDue(loop, loop.clock.now() + 60_000)).pipe(loop.turn.withPermit)"
  ),
  fault(
    "gives-up",
    "A deadline that could not be performed is not tried again.",
    timers,
    "failed.set(name, { at: at + retryMillis, elapsed: elapsedMillis() + retryMillis })",
    "failed.set(name, { at: Number.POSITIVE_INFINITY, elapsed: Number.POSITIVE_INFINITY })"
  ),
  fault(
    "owes-for-ever",
    "Work that a crash left owing is not performed at the next start.",
    "src/main.ts",
    "yield* directory.settleOwed",
    "yield* Effect.void"
  ),
  fault(
    "material-stays",
    "Material is not erased when a key is deleted.",
    plan,
    'if (change.eraseMaterial) writes.push({ op: "erase", keyId })',
    ""
  ),
  fault(
    "unaudited",
    "A change of a key has no line in the audit log.",
    plan,
    "lines: [lineOf(change.audit)]",
    "lines: []"
  ),
  fault(
    "wrong-request",
    "The journal names another request than the one that made the change.",
    plan,
    "const { seq, at, principal, requestId } = entry",
    'const { seq, at, principal } = entry\n  const requestId = "00000000-0000-4000-8000-000000000000"'
  ),
  fault(
    "journal-gap",
    "An event is dated before the one that came before it.",
    turn,
    ": { ...event, at: notBefore }",
    ": { ...event, at: event.at - 1 }"
  ),
  fault(
    "alias-remembered",
    "A node keeps the first key that it saw behind an alias.",
    "src/requests/proven.ts",
    "return seen && { keyId: seen.revision",
    "const bound = this.#named.memory.keyOf(aliasPlace(this.#named.realm, aliasName))\n    if (bound !== undefined) return { keyId: bound }\n    return seen && { keyId: seen.revision"
  ),
  fault(
    "old-primary",
    "A node that reads a key again keeps its primary version.",
    keyState,
    "key.primary = primaryOf(key.snapshot)\n",
    ""
  ),
  {
    id: "a-millisecond-early",
    does: "A move of the clock performs each deadline one millisecond early.",
    patches: [
      {
        file: timers,
        find: 'yield* move(loop, { mode: "frozen", at: next.dueAt })',
        replace: 'yield* move(loop, { mode: "frozen", at: next.dueAt - 1 })'
      },
      {
        file: timers,
        find: "if (yield* fireDue(loop, clock.now())) looksLeft",
        replace: "if (yield* fireDue(loop, clock.now() + 1)) looksLeft"
      }
    ]
  },
  fault(
    "late-on-the-way",
    "A move of the clock goes to its end before it performs deadlines.",
    timers,
    'yield* move(loop, { mode: "frozen", at: next.dueAt })',
    'yield* move(loop, { mode: "frozen", at: target })'
  ),
  fault(
    "every-other-rotation",
    "The rotation after a rotation comes two intervals later.",
    machine,
    "dueAt: context.newestVersionAt + context.rotationIntervalMillis, epoch: context.epoch }",
    "dueAt: context.newestVersionAt + 2 * context.rotationIntervalMillis, epoch: context.epoch }"
  ),
  fault(
    "rotation-counted-from-due",
    "The next rotation counts from the time at which the last one was due.",
    machine,
    "newestVersionAt: ({ event }) => event.at",
    'newestVersionAt: ({ event }) => (event.type === "RotationDue" ? event.dueAt : event.at)'
  ),
  fault(
    "window-too-short",
    "A key is deleted one millisecond before its window ends.",
    machine,
    "return { dueAt: event.dueAt, epoch: context.epoch + 1 }",
    "return { dueAt: event.dueAt - 1, epoch: context.epoch + 1 }"
  ),
  fault(
    "stale-fact",
    "A deadline of an earlier configuration is performed on a later one.",
    machine,
    "armed !== null && armed.dueAt === fact.dueAt && armed.epoch === fact.epoch && fact.at >= fact.dueAt",
    "armed !== null && fact.at >= fact.dueAt"
  )
]
