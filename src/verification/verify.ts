/** Verifies a store at rest: every chain is unbroken, and every row follows from its key's journal. */
import { Clock, Effect, Option, Schema, Stream } from "effect"
import { freeze, revive } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { broken } from "../../machines/invariants.ts"
import { chain } from "../audit/chainWalk.ts"
import { canonicalJson } from "../records/hashChain.ts"
import type { KeyId } from "../domain/ids.ts"
import { clockToleranceMillis } from "../domain/limits.ts"
import { formatInstant } from "../domain/time.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import type { KeyRow, OwedRow, VersionRow } from "../records/rows.ts"
import { replayOf } from "./replay.ts"
import type { Replay } from "./replay.ts"

export interface Finding {
  /** Null if the finding is not about one key. */
  readonly keyId: string | null
  readonly finding: string
}

export interface VerifyReport {
  readonly keys: number
  readonly events: number
  readonly versions: number
  readonly deadlines: number
  readonly auditSegments: number
  readonly auditLines: number
  /** The number of versions whose sealed material was opened; 0 unless `openMaterial` was given. */
  readonly materialsOpened: number
  readonly findings: ReadonlyArray<Finding>
  /** Valid but notable: events with a date in the future, for example after a clock was ahead. */
  readonly notes: ReadonlyArray<Note>
}

export interface Note {
  readonly keyId: string
  readonly note: string
}

export interface VerifyOptions {
  /** Whether a version's sealed material opens under the root key in use. */
  readonly openMaterial?: (row: VersionRow) => Effect.Effect<boolean>
  /** Called after each key with the number of keys that were verified. */
  readonly onProgress?: (keys: number) => void
}

const pageSize = 256

const isSame = (left: unknown, right: unknown): boolean => canonicalJson(left) === canonicalJson(right)

/** The sentences of the conditions that do not hold. */
const unmet = (beliefs: Readonly<Record<string, boolean>>): ReadonlyArray<string> =>
  Object.entries(beliefs).flatMap(([sentence, holds]) => (holds ? [] : [sentence]))

const rowFaults = (row: KeyRow, replay: Replay): ReadonlyArray<string> =>
  unmet({
    "journal: its newest event is not the key's head": replay.head === row.head,
    "snapshot: its epoch is not the number of the newest event": row.snapshot.context.epoch === replay.seq,
    "snapshot: it is not what the journal leads to":
      replay.snapshot === undefined || isSame(freeze(replay.snapshot), row.snapshot),
    "metadata: it is not what the journal leads to": isSame(replay.metadata, row.metadata),
    "realm: it is not the one the key was made in": isSame(replay.realm, row.realm)
  })

const versionFaults = (
  { snapshot }: KeyRow,
  rows: ReadonlyArray<VersionRow>,
  replay: Replay
): ReadonlyArray<string> => {
  const { kind, materialPresent, versionCount } = snapshot.context
  const kept = rows.toReversed().map(({ keyVersionId, createdAt }) => ({ id: keyVersionId, at: createdAt }))
  const hasPublicKey = kind === "asymmetric"
  return unmet({
    "versions: there are not as many as the key counts": rows.length === versionCount,
    "versions: they are not those the journal made": isSame(kept, replay.versions),
    "versions: material is not present exactly where the key has it": rows.every(
      ({ stored }) => (stored !== undefined) === materialPresent
    ),
    "versions: public keys are not exactly where the key is asymmetric": rows.every(
      ({ stored }) => stored === undefined || (stored.publicKey !== undefined) === hasPublicKey
    )
  })
}

const aliasFaults = Effect.fnUntraced(function* ({ keyId, realm, snapshot }: KeyRow) {
  const store = yield* Store
  const names = yield* store.aliasesOf(keyId)
  const findings: Array<string> = []
  if (names.length > 0 && snapshot.value.lifecycle === "Deleted") findings.push("aliases: a deleted key has some")
  for (const name of names) {
    if ((yield* store.alias(realm, name)) !== keyId) findings.push(`aliases: ${name} is not in the key's realm`)
  }
  return findings
})

const sealFaults = Effect.fnUntraced(function* (rows: ReadonlyArray<VersionRow>, { openMaterial }: VerifyOptions) {
  const findings: Array<string> = []
  const sealed = openMaterial === undefined ? [] : rows.filter(({ stored }) => stored !== undefined)
  for (const row of sealed) {
    if (openMaterial !== undefined && !(yield* openMaterial(row))) {
      findings.push(`versions: the material of ${row.keyVersionId} does not open`)
    }
  }
  return { opened: sealed.length - findings.length, findings }
})

const nothing = { events: 0, versions: 0, deadlines: 0, opened: 0, latestAt: Number.NEGATIVE_INFINITY }

const verifyKey = Effect.fnUntraced(function* (
  keyId: KeyId,
  known: { readonly changes: number; readonly owed: ReadonlyArray<OwedRow> },
  options: VerifyOptions
) {
  const store = yield* Store
  const row = yield* store.key(keyId)
  if (row === undefined) return { ...nothing, findings: ["the key cannot be read"] }
  const replay = yield* replayOf(keyId)
  const versions = yield* store.versions(keyId)
  const armed = yield* store.deadlinesOf(keyId)
  const snapshot = revive(row.snapshot)
  const seals = yield* sealFaults(versions, options)
  const due = deadlines(snapshot).toSorted((left, right) => (left.kind < right.kind ? -1 : 1))
  const findings = [
    ...replay.findings,
    ...rowFaults(row, replay),
    ...broken(snapshot).map((id) => `invariant ${id} does not hold`),
    ...versionFaults(row, versions, replay),
    ...unmet({
      "deadlines: they are not those the snapshot owes": isSame(armed, due),
      "audit: it does not record each of the key's events once": known.changes === replay.seq,
      "commands: one is owed that no event asked for": known.owed.every(({ seq, command }) =>
        replay.owed.some((asked) => isSame(asked, { seq, command }))
      )
    }),
    ...(yield* aliasFaults(row)),
    ...seals.findings
  ]
  return {
    events: replay.seq,
    latestAt: replay.latestAt,
    versions: versions.length,
    deadlines: armed.length,
    opened: seals.opened,
    findings
  }
})

/** The audit record of a call that changed a key; calls without a change name no state after them. */
const ChangeLine = Schema.fromJsonString(Schema.Struct({ keyId: Schema.String, after: Schema.String }))
const changeLineOf = Schema.decodeUnknownOption(ChangeLine)

/** Reads a part of the store. A part that cannot be read becomes a finding, and the other parts are still checked. */
const readOr = <A>(read: Effect.Effect<A, StoreFailure, Store>, otherwise: A, findings: Array<string>) =>
  Effect.catch(read, ({ message }) => {
    findings.push(message)
    return Effect.succeed(otherwise)
  })

/** Walks the audit chain and counts its records of changes for each key. */
const verifyAudit = Effect.fnUntraced(function* (findings: Array<string>) {
  const changes = new Map<string, number>()
  let auditSegments = 0
  let auditLines = 0
  const walk = Stream.runForEach(chain, ({ segment, faults }) =>
    Effect.sync(() => {
      for (const fault of faults) findings.push(`audit: ${fault}`)
      for (const { keyId } of segment.lines.flatMap((line) => Option.toArray(changeLineOf(line)))) {
        changes.set(keyId, (changes.get(keyId) ?? 0) + 1)
      }
      auditSegments = segment.seq
      auditLines += segment.lines.length
    })
  )
  yield* readOr(walk, undefined, findings)
  return { changes, auditSegments, auditLines }
})

/** The latest time that a real event can have. A virtual clock may show any time. */
const presentOf = Effect.gen(function* () {
  const store = yield* Store
  const kind = yield* store.meta("clock.kind")
  return kind === "real" ? (yield* Clock.currentTimeMillis) + clockToleranceMillis : Number.POSITIVE_INFINITY
}).pipe(Effect.orElseSucceed(() => Number.POSITIVE_INFINITY))

const noteOf = (keyId: KeyId, latestAt: number): Note => ({
  keyId,
  note:
    `journal: it has events dated as late as ${formatInstant(latestAt)}, later than the clock of this machine. They were ` +
    "written while a clock was ahead."
})

/** Verifies one key after the other against the data of the rest of the store. */
const verifyKeys = Effect.fnUntraced(function* (
  changes: ReadonlyMap<string, number>,
  options: VerifyOptions,
  findings: Array<Finding>,
  whole: Array<string>
) {
  const store = yield* Store
  const present = yield* presentOf
  const notes: Array<Note> = []
  const owed = Map.groupBy(yield* readOr(store.owed, [], whole), ({ keyId }) => keyId)
  const totals = { keys: 0, events: 0, versions: 0, deadlines: 0, materialsOpened: 0 }
  const unmentioned = new Set(changes.keys())
  let after: KeyId | undefined
  for (;;) {
    const keyIds = yield* readOr(store.allKeyIds({ after, limit: pageSize }), [], whole)
    for (const keyId of keyIds) {
      const known = { changes: changes.get(keyId) ?? 0, owed: owed.get(keyId) ?? [] }
      const found = yield* verifyKey(keyId, known, options).pipe(
        Effect.catch(({ message }) => Effect.succeed({ ...nothing, findings: [message] })),
        // The machine may throw on a tampered row.
        Effect.catchDefect((defect) =>
          Effect.succeed({
            ...nothing,
            findings: [defect instanceof Error ? defect.message : "the key cannot be read"]
          })
        )
      )
      totals.keys++
      options.onProgress?.(totals.keys)
      totals.events += found.events
      totals.versions += found.versions
      totals.deadlines += found.deadlines
      totals.materialsOpened += found.opened
      unmentioned.delete(keyId)
      if (found.latestAt > present) notes.push(noteOf(keyId, found.latestAt))
      for (const finding of found.findings) findings.push({ keyId, finding })
    }
    if (keyIds.length < pageSize) break
    after = keyIds.at(-1)
  }
  for (const keyId of unmentioned) findings.push({ keyId, finding: "audit: it records a key that does not exist" })
  return { ...totals, notes }
})

/**
 * Replays every key, walks every chain, and reports. It changes nothing; no engine may use the store at the same time.
 */
export const verifyStore = (options: VerifyOptions = {}): Effect.Effect<VerifyReport, never, Store> =>
  Effect.gen(function* () {
    const store = yield* Store
    const whole: Array<string> = []
    const ofKeys: Array<Finding> = []
    whole.push(...(yield* readOr(store.faults, [], whole)))
    const { changes, ...audit } = yield* verifyAudit(whole)
    const totals = yield* verifyKeys(changes, options, ofKeys, whole)
    const findings = [...whole.map((finding) => ({ keyId: null, finding })), ...ofKeys]
    return { ...totals, ...audit, findings }
  })
