/** A page of a key's history: its events with the configuration before and after each, computed by the machine. */
import { Effect } from "effect"
import { create, lifecycleOf, rotationOf } from "../../../machines/cmk.ts"
import type { CmkSnapshot } from "../../../machines/cmk.ts"
import { decide } from "../../../machines/permits.ts"
import { isKeyId } from "../../domain/ids.ts"
import type { KeyId } from "../../domain/ids.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { Store } from "../../store/store.ts"
import type { HashedEntry } from "../../records/rows.ts"
import type { HistoryEvent, HistoryPage, StateView } from "../protocol.ts"
import { textOf } from "./asker.ts"
import type { Asker } from "./asker.ts"

const historyPageSize = 200
/** Keys whose computed configurations are kept. */
const rememberedMax = 32

interface Folded {
  readonly seq: number
  readonly snapshot: CmkSnapshot | undefined
  readonly visited: ReadonlySet<string>
}

const unborn: Folded = { seq: 0, snapshot: undefined, visited: new Set() }

const stepOf = (before: CmkSnapshot | undefined, { seq, payload }: HashedEntry): CmkSnapshot => {
  if (payload.type === "CreateKey") return create(payload.input).next
  const verdict = before === undefined ? undefined : decide(before, payload.event)
  if (verdict?._tag !== "Decision") throw new Error(`the machine does not take event ${seq} of a journal`)
  return verdict.next
}

const fold = (folded: Folded, entry: HashedEntry): Folded => {
  const snapshot = stepOf(folded.snapshot, entry)
  const lifecycle = lifecycleOf(snapshot)
  const visited = folded.visited.has(lifecycle) ? folded.visited : new Set([...folded.visited, lifecycle])
  return { seq: entry.seq, snapshot, visited }
}

const stateView = (snapshot: CmkSnapshot): StateView => {
  const { context } = snapshot
  return {
    lifecycle: lifecycleOf(snapshot),
    rotation: rotationOf(snapshot),
    materialPresent: context.materialPresent,
    primaryVersionId: context.primaryVersionId,
    versionCount: context.versionCount,
    deletionProtection: context.deletionProtection,
    deletionDue: context.deletion?.dueAt ?? null,
    materialExpiry: context.materialExpiry?.dueAt ?? null,
    nextRotation: context.nextRotation?.dueAt ?? null
  }
}

const eventView = (before: CmkSnapshot | undefined, after: CmkSnapshot, entry: HashedEntry): HistoryEvent => ({
  seq: entry.seq,
  time: entry.at,
  type: entry.payload.type === "CreateKey" ? "CreateKey" : entry.payload.event.type,
  principal: entry.principal,
  requestId: entry.requestId,
  before: before === undefined ? undefined : stateView(before),
  after: stateView(after),
  payload: JSON.stringify(entry.payload)
})

export interface Historian {
  /** The page that ends before `before`, or with the newest event. Authorized and recorded as ListKeyEvents. */
  readonly page: (
    asker: Asker,
    wanted: { readonly keyId: string; readonly before: number | undefined }
  ) => Effect.Effect<HistoryPage, Effect.Error<ReturnType<Asker["read"]>>>
}

export const makeHistorian = (store: Store["Service"]): Historian => {
  /** By key: configurations at the ends of pages that were read. A journal never changes, so they stay valid. */
  const remembered = new Map<KeyId, Array<Folded>>()

  /** Reads page by page, so that a long journal does not delay other requests. */
  const foldTo = Effect.fnUntraced(function* (keyId: KeyId, seq: number) {
    const known = remembered.get(keyId) ?? [unborn]
    remembered.delete(keyId)
    remembered.set(keyId, known)
    for (const oldest of remembered.keys()) {
      if (remembered.size <= rememberedMax) break
      remembered.delete(oldest)
    }
    let folded = known.findLast((one) => one.seq <= seq) ?? unborn
    while (folded.seq < seq) {
      const limit = Math.min(historyPageSize, seq - folded.seq)
      const entries = yield* orRefused(store.journal({ keyId, afterSeq: folded.seq, limit }))
      if (entries.length === 0) break
      folded = entries.reduce(fold, folded)
      known.push(folded)
      known.sort((a, b) => a.seq - b.seq)
      yield* Effect.yieldNow
    }
    return folded
  })

  return {
    page: Effect.fnUntraced(function* (asker, { keyId: reference, before }) {
      const answered = yield* asker.read("ListKeyEvents", { KeyId: reference, Limit: 1 })
      const keyId = textOf(answered["KeyId"])
      if (!isKeyId(keyId)) return yield* Effect.die(new Error("ListKeyEvents answers with a key id"))
      const lastSeq = Number(answered["LastSeq"])
      const end = Math.min(before === undefined ? lastSeq : before - 1, lastSeq)
      const afterSeq = Math.max(end - historyPageSize, 0)
      let folded = yield* foldTo(keyId, afterSeq)
      const entries = yield* orRefused(store.journal({ keyId, afterSeq, limit: Math.max(end - afterSeq, 0) }))
      const events: Array<HistoryEvent> = []
      for (const entry of entries) {
        const next = fold(folded, entry)
        if (next.snapshot !== undefined) events.push(eventView(folded.snapshot, next.snapshot, entry))
        folded = next
      }
      return { keyId, lastSeq, events, visited: [...folded.visited] }
    })
  }
}
