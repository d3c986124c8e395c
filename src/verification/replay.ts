/** Replays a key's journal from its beginning, and collects entries that do not follow. */
import { Effect } from "effect"
import { create } from "../../machines/cmk.ts"
import type { CmkCommand, CmkSnapshot, Decision } from "../../machines/cmk.ts"
import { decide } from "../../machines/permits.ts"
import { chainEntry, genesis } from "../records/hashChain.ts"
import type { KeyId, Realm } from "../domain/ids.ts"
import { Store } from "../store/store.ts"
import type { HashedEntry, KeyMetadata } from "../records/rows.ts"

const pageSize = 256

/** The result of replaying a journal from its beginning. */
export interface Replay {
  readonly seq: number
  readonly head: string
  /** The latest time of an event. */
  readonly latestAt: number
  /** Undefined after an event that could not follow: the state of the key is unknown then. */
  readonly snapshot: CmkSnapshot | undefined
  readonly realm: Realm | undefined
  readonly metadata: KeyMetadata | undefined
  /** The versions that the events created, oldest first. */
  readonly versions: ReadonlyArray<{ readonly id: string; readonly at: number }>
  /** Commands that the events may still owe. */
  readonly owed: ReadonlyArray<{ readonly seq: number; readonly command: CmkCommand }>
  readonly findings: ReadonlyArray<string>
}

const unplayed: Replay = {
  seq: 0,
  head: genesis,
  latestAt: Number.NEGATIVE_INFINITY,
  snapshot: undefined,
  realm: undefined,
  metadata: undefined,
  versions: [],
  owed: [],
  findings: []
}

/** Faults of the chain alone, before the effect of the event is checked. */
const linkFaults = ({ seq, head }: Replay, entry: HashedEntry): ReadonlyArray<string> => [
  ...(entry.seq === seq + 1 ? [] : [`journal: event ${entry.seq} comes after event ${seq}`]),
  ...(entry.previous === head ? [] : [`journal: event ${entry.seq} does not follow the hash before it`]),
  ...(chainEntry(entry.previous, entry) === entry.hash
    ? []
    : [`journal: event ${entry.seq} is not the text that was hashed`])
]

const decisionOf = ({ snapshot }: Replay, { seq, payload }: HashedEntry): Decision | undefined => {
  if (payload.type === "CreateKey") return seq === 1 ? create(payload.input) : undefined
  if (snapshot === undefined) return undefined
  const verdict = decide(snapshot, payload.event)
  return verdict._tag === "Decision" ? verdict : undefined
}

const versionsMade = ({ payload }: HashedEntry): Replay["versions"] => {
  if (payload.type === "CreateKey") return [{ id: payload.input.newestVersionId, at: payload.input.newestVersionAt }]
  return "versionId" in payload.event ? [{ id: payload.event.versionId, at: payload.event.at }] : []
}

const play = (replay: Replay, entry: HashedEntry): Replay => {
  const { seq, payload } = entry
  const decision = decisionOf(replay, entry)
  const isNews = replay.snapshot !== undefined || seq === 1
  const refused = decision === undefined && isNews ? [`journal: the machine does not take event ${seq}`] : []
  return {
    seq,
    head: entry.hash,
    latestAt: Math.max(replay.latestAt, entry.at),
    snapshot: decision?.next,
    realm: payload.type === "CreateKey" ? payload.realm : replay.realm,
    metadata: payload.metadata ?? replay.metadata,
    versions: [...replay.versions, ...versionsMade(entry)],
    owed: [...replay.owed, ...(decision?.commands ?? []).map((command) => ({ seq, command }))],
    findings: [...replay.findings, ...linkFaults(replay, entry), ...refused]
  }
}

/** Replays a key's journal from the store. */
export const replayOf = Effect.fnUntraced(function* (keyId: KeyId) {
  const store = yield* Store
  let replay = unplayed
  for (;;) {
    const entries = yield* store.journal({ keyId, afterSeq: replay.seq, limit: pageSize })
    for (const entry of entries) replay = play(replay, entry)
    if (entries.length < pageSize) return replay
  }
})
