/** The positions of each account's records in the common log, numbered from 1 without records of other accounts. */
import { Effect, Semaphore, Stream } from "effect"
import type { AccountId } from "../domain/ids.ts"
import { auditLinesPerPageMax } from "../domain/limits.ts"
import { Store } from "../store/store.ts"
import type { StoreFailure } from "../store/store.ts"
import type { Segment } from "../records/rows.ts"
import { entryOf, isWanted } from "../records/auditLine.ts"
import type { AuditEntry } from "../records/auditLine.ts"
import { beginning, UnknownPlace } from "./auditPage.ts"
import type { AuditPage, AuditQuery } from "./auditPage.ts"
import { segmentsAfter } from "./chainWalk.ts"
import type { Owners } from "./owners.ts"
import type { TimeBlocks } from "./timeBlocks.ts"

/** A segment with records of an account, and the number of the account's records before it. */
interface Piece {
  readonly seq: number
  readonly before: number
  readonly count: number
}

const totalOf = (pieces: ReadonlyArray<Piece>): number => {
  const last = pieces.at(-1)
  return last === undefined ? 0 : last.before + last.count
}

/** The piece that has the record of a number. */
const pieceOf = (pieces: ReadonlyArray<Piece>, number: number): Piece | undefined => {
  let [low, high] = [0, pieces.length - 1]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((pieces[middle]?.before ?? 0) < number) low = middle
    else high = middle - 1
  }
  return pieces[low]
}

/** The first number to read. Line 0 means to begin with the record itself, as in the common log. */
const firstNumber = ({ after, order }: AuditQuery, total: number): number => {
  if (after.seq === beginning.seq) return order === "OldestFirst" ? 1 : total
  if (order === "OldestFirst") return after.line < 1 ? after.seq : after.seq + 1
  return after.line > 1 ? after.seq : after.seq - 1
}

export interface AccountIndex {
  /** A page of one account's records, in its own numbering. */
  readonly page: (account: AccountId, query: AuditQuery) => Effect.Effect<AuditPage, UnknownPlace | StoreFailure>
}

/** The part of the log that was read so far. The log only grows, so the index stays valid. */
interface Index {
  readonly store: Store["Service"]
  readonly owners: Owners
  readonly times: TimeBlocks
  readonly serverAccount: AccountId
  readonly known: Map<AccountId, Array<Piece>>
  /** The newest segment in the index. */
  indexed: number
}

const add = (index: Index, segment: Segment): void => {
  const { owners, serverAccount, known } = index
  const counts = new Map<AccountId, number>()
  for (let line = 1; line <= segment.lines.length; line++) {
    const account = owners.of(segment, line)
    if (account !== undefined && account !== serverAccount) counts.set(account, (counts.get(account) ?? 0) + 1)
  }
  for (const [account, count] of counts) {
    const pieces = known.get(account) ?? []
    known.set(account, pieces)
    pieces.push({ seq: segment.seq, before: totalOf(pieces), count })
  }
  index.indexed = segment.seq
}

const extend = (index: Index) =>
  Effect.suspend(() =>
    Stream.runForEach(segmentsAfter(index.indexed), (segment) =>
      index.owners.learn(segment).pipe(
        Effect.map(() => add(index, segment)),
        Effect.andThen(Effect.yieldNow)
      )
    )
  ).pipe(Effect.provideService(Store, index.store))

/** The records of a piece, by number. */
const readPiece = Effect.fnUntraced(function* ({ store, owners }: Index, account: AccountId, piece: Piece) {
  const [segment] = yield* store.auditSegments({ afterSeq: piece.seq - 1, limit: 1 })
  const entries = new Map<number, AuditEntry>()
  if (segment === undefined) return entries
  yield* owners.learn(segment)
  let number = piece.before
  for (let line = 1; line <= segment.lines.length; line++) {
    if (owners.of(segment, line) !== account) continue
    number++
    entries.set(number, { ...entryOf({ seq: segment.seq, line }, segment.lines), seq: number, line: 1 })
  }
  return entries
})

/** The piece with the next record to read and the number of that record, after pieces outside the range of time. */
const nextPiece = (index: Index, account: AccountId, from: number, { filter, order }: AuditQuery) => {
  const pieces = index.known.get(account) ?? []
  const total = totalOf(pieces)
  let number = from
  while (number >= 1 && number <= total) {
    const piece = pieceOf(pieces, number)
    if (piece === undefined) break
    if (!index.times.excludes(piece.seq, filter)) return { piece, number }
    number = order === "OldestFirst" ? piece.before + piece.count + 1 : piece.before
  }
  return undefined
}

const readPage = Effect.fnUntraced(function* (index: Index, account: AccountId, query: AuditQuery) {
  const pieces = index.known.get(account) ?? []
  const total = totalOf(pieces)
  const { after, filter, limit, order } = query
  if (after.seq > total) return yield* new UnknownPlace({ message: `the log has no record ${after.seq}` })
  const step = order === "OldestFirst" ? 1 : -1
  const entries: Array<AuditEntry> = []
  let read = new Map<number, AuditEntry>()
  let end = after
  let endTime: string | undefined
  let next = nextPiece(index, account, firstNumber(query, total), query)
  for (let looked = 0; next !== undefined && looked < auditLinesPerPageMax && entries.length < limit; looked++) {
    const { number, piece } = next
    if (!read.has(number)) read = yield* readPiece(index, account, piece)
    const entry = read.get(number)
    if (entry === undefined) return yield* Effect.die(new Error(`segment ${piece.seq} changed since it was indexed`))
    end = { seq: number, line: 1 }
    endTime = entry.time
    if (isWanted(entry, filter)) entries.push(entry)
    next = nextPiece(index, account, number + step, query)
  }
  return { entries, end, endTime, hasMore: next !== undefined } satisfies AuditPage
})

type Parts = Pick<Index, "store" | "owners" | "serverAccount" | "times">

export const makeAccountIndex = (parts: Parts): AccountIndex => {
  const index: Index = { ...parts, known: new Map(), indexed: 0 }
  const turn = Semaphore.makeUnsafe(1)
  const extended = turn.withPermit(extend(index))
  return { page: (account, query) => Effect.andThen(extended, readPage(index, account, query)) }
}
