/** The counts of uses in the store, so that a start reads only the audit records after them. */
import { Effect, Option, Schema } from "effect"
import { TimeBlockList } from "../../audit/timeBlocks.ts"
import type { TimeBlock } from "../../audit/timeBlocks.ts"
import type { Segment } from "../../records/rows.ts"
import type { Store, StoreFailure } from "../../store/store.ts"
import type { UseCount } from "../protocol.ts"
import { emptyShards, shardCount } from "./useCounts.ts"
import type { KeyCounts, Shard } from "./useCounts.ts"

/** Another number makes every server count again. It changes with the form of a row and with what counts as a use. */
const version = 1

const headName = "console.uses.head"
const shardName = (index: number): string => `console.uses.${index}`

/** A segment of the log, by its number and its hash, which fixes the whole log before it. */
type Place = Pick<Segment, "seq" | "hash">

/** A stored row: the place up to which it counts, and its content as JSON. */
const rowForm = /^([0-9]+) ([0-9]+) ([0-9a-f]+)\n(.*)$/s

const rowOf = ({ hash, seq }: Place, content: unknown): string =>
  `${version} ${seq} ${hash}\n${JSON.stringify(content)}`

interface Row extends Place {
  readonly content: string
}

/** Undefined if the row has another version or form. */
const rowIn = (text: string): Row | undefined => {
  const [, written, seq, hash = "", content = ""] = rowForm.exec(text) ?? []
  return Number(written) === version ? { seq: Number(seq), hash, content } : undefined
}

const { Array: List, Finite, String, Tuple } = Schema

/** A principal, how often it used the key, when last, and by which operation. */
const Count = Tuple([String, Finite, Finite, String])
/** A key with its uses and its attempts. */
const Keys = List(Tuple([String, List(Count), List(Count)]))

const keysIn = Schema.decodeUnknownOption(Schema.fromJsonString(Keys))
const blocksIn = Schema.decodeUnknownOption(Schema.fromJsonString(TimeBlockList))

const countsIn = (counts: ReadonlyArray<typeof Count.Type>): Map<string, UseCount> =>
  new Map(
    counts.map(([principal, count, lastAt, lastOperation]) => [principal, { principal, count, lastAt, lastOperation }])
  )

const countsOf = (counts: ReadonlyMap<string, UseCount>): ReadonlyArray<typeof Count.Type> =>
  [...counts.values()].map(({ count, lastAt, lastOperation, principal }) => [principal, count, lastAt, lastOperation])

const shardIn = ({ content, seq }: Row): Shard | undefined =>
  Option.getOrUndefined(
    Option.map(keysIn(content), (keys) => {
      const known = keys.map(([keyId, uses, attempts]): [string, KeyCounts] => [
        keyId,
        { uses: countsIn(uses), attempts: countsIn(attempts) }
      ])
      return { keys: new Map(known), counted: seq, isChanged: false }
    })
  )

/** What is counted: the shards, the times of the log, and the place up to which both are complete. */
export interface Checkpoint extends Place {
  readonly shards: ReadonlyArray<Shard>
  readonly times: ReadonlyArray<TimeBlock>
}

const nothing = (): Checkpoint => ({ seq: 0, hash: "", shards: emptyShards(), times: [] })

type Texts = ReadonlyMap<string, string>

const readTexts = Effect.fnUntraced(function* (store: Store["Service"]) {
  const texts = new Map<string, string>()
  for (const name of [headName, ...Array.from({ length: shardCount }, (_, index) => shardName(index))]) {
    const text = yield* store.meta(name)
    if (text !== undefined && text !== "") texts.set(name, text)
  }
  return texts
})

/** The content of all rows; undefined if one of them does not decode. */
const checkpointIn = (texts: Texts): Checkpoint | undefined => {
  const headText = texts.get(headName)
  const head = headText === undefined ? undefined : rowIn(headText)
  const times = head === undefined ? Option.none() : blocksIn(head.content)
  if (headText !== undefined && (head === undefined || Option.isNone(times))) return undefined
  const shards: Array<Shard> = []
  for (const [index, empty] of emptyShards().entries()) {
    const text = texts.get(shardName(index))
    const row = text === undefined ? undefined : rowIn(text)
    const shard = text === undefined ? empty : row && shardIn(row)
    if (shard === undefined) return undefined
    shards.push(shard)
  }
  return { seq: head?.seq ?? 0, hash: head?.hash ?? "", shards, times: Option.getOrElse(times, () => []) }
}

/** Whether the log has, at the place of each row, the segment that the row was counted up to. */
const isOfThisLog = Effect.fnUntraced(function* (store: Store["Service"], texts: Texts) {
  const places = new Map<number, string>()
  for (const text of texts.values()) {
    const row = rowIn(text)
    if (row === undefined || (places.get(row.seq) ?? row.hash) !== row.hash) return false
    places.set(row.seq, row.hash)
  }
  for (const [seq, hash] of places) {
    const [segment] = yield* store.auditSegments({ afterSeq: seq - 1, limit: 1 })
    if (segment?.seq !== seq || segment.hash !== hash) return false
  }
  return true
})

/** Removes exactly these rows. A row that another server has written since stays. */
const forget = (store: Store["Service"], texts: Texts): Effect.Effect<void, StoreFailure> =>
  Effect.forEach(
    texts,
    ([name, text]) => store.editMeta(name, (now) => ({ to: now === text ? "" : undefined, answer: undefined })),
    { discard: true }
  )

/** The stored counts. If one row does not decode, or is of another log, all are removed and counting begins anew. */
export const restoreCheckpoint = Effect.fnUntraced(function* (store: Store["Service"]) {
  const texts = yield* readTexts(store)
  const found = checkpointIn(texts)
  if (found !== undefined && (yield* isOfThisLog(store, texts))) return found
  yield* forget(store, texts)
  return nothing()
})

const putLater = (store: Store["Service"], name: string, { seq }: Place, text: string) =>
  store.editMeta(name, (now) => {
    const known = now === undefined ? undefined : rowIn(now)
    return { to: known !== undefined && known.seq >= seq ? undefined : text, answer: undefined }
  })

/**
 * Stores the changed shards, then the place. After a crash in between, the shards are ahead of the place, and `counted`
 * tells which lines they have. A row never goes back, so several servers may store at the same time. A shard without a
 * change has the same counts up to the new place.
 */
export const saveCheckpoint = Effect.fnUntraced(function* (store: Store["Service"], checkpoint: Checkpoint) {
  for (const [index, shard] of checkpoint.shards.entries()) {
    if (!shard.isChanged) continue
    const keys = [...shard.keys].map(([keyId, { attempts, uses }]) => [keyId, countsOf(uses), countsOf(attempts)])
    yield* putLater(store, shardName(index), checkpoint, rowOf(checkpoint, keys))
    shard.isChanged = false
    yield* Effect.yieldNow
  }
  yield* putLater(store, headName, checkpoint, rowOf(checkpoint, checkpoint.times))
})
