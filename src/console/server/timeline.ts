/** The deadlines of a region or of an account, earliest first, page by page: those of keys that the caller may view. */
import { Effect } from "effect"
import type { Access } from "../../authorization/access.ts"
import { resourceArn } from "../../authorization/caller.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import type { Realm } from "../../domain/ids.ts"
import type { DueRow, KeyRow } from "../../records/rows.ts"
import type { Store } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import type { DueView, Timeline } from "../protocol.ts"
import type { Asker } from "./asker.ts"

const pageSize = 50
/** Deadlines per read, including those that the list leaves out. */
const chunk = 200

export type TimelineRange = "region" | "account"

/** The position of a page: a time, and how many deadlines of that time earlier pages showed. */
export interface TimelinePlace {
  readonly from: number
  readonly skip: number
}

/** The first page if the text is not a position. Positions reveal nothing about other realms. */
export const placeIn = (text: string | null): TimelinePlace => {
  const [, from, skip] = /^([0-9]{1,16})\.([0-9]{1,6})$/.exec(text ?? "") ?? []
  return { from: Number(from ?? 0), skip: Number(skip ?? 0) }
}

export interface Due {
  readonly store: Store["Service"]
  readonly access: Access["Service"]
}

interface Permission {
  readonly action: string
  readonly realm: Realm
  readonly relative: string
  readonly key?: KeyRow
}

const grants = ({ access }: Due, { caller, circumstances }: Asker, permission: Permission): boolean => {
  if (caller.kind === "root") return true
  const { action, key, realm, relative } = permission
  return (
    access.rule({ caller, action, resource: resourceArn({ realm, relative }), circumstances, key: key?.metadata })
      .effect === "Allow"
  )
}

/** The caller's own region needs no other check than that of the request. Each other region needs ListKeys there too. */
const isInRange = (due: Due, asker: Asker, range: TimelineRange, { realm }: KeyRow): boolean => {
  if (realm.account !== asker.realm.account) return false
  if (realm.region === asker.realm.region) return true
  return range === "account" && grants(due, asker, { action: "kms:ListKeys", realm, relative: "key" })
}

/** The row of a deadline; undefined if its key is out of range, or may not be viewed. */
const viewOf = Effect.fnUntraced(function* (due: Due, asker: Asker, range: TimelineRange, row: DueRow) {
  const { dueAt, keyId, kind } = row
  const key = yield* orRefused(due.store.key(keyId))
  if (key === undefined || !isInRange(due, asker, range, key)) return undefined
  const { realm } = key
  if (!grants(due, asker, { action: "kms:DescribeKey", realm, relative: `key/${keyId}`, key })) return undefined
  const mayName = grants(due, asker, { action: "kms:ListAliases", realm, relative: "alias" })
  const [alias] = mayName ? yield* orRefused(due.store.aliasesOf(keyId)) : []
  const view: DueView = {
    keyId,
    region: realm.region,
    kind,
    dueAt,
    name: alias ?? (key.metadata.description === "" ? keyId : key.metadata.description),
    state: key.snapshot.value.lifecycle
  }
  return view
})

const nextAfter = (rows: ReadonlyArray<DueView>, { from, skip }: TimelinePlace): string => {
  const last = rows.at(-1)?.dueAt ?? from
  const before = last === from ? skip : 0
  return `${last}.${before + rows.filter(({ dueAt }) => dueAt === last).length}`
}

/** The store's position: deadlines after a time, without the first few. */
interface Cursor {
  readonly after: number
  readonly offset: number
}

/** A low offset costs the store less than a high one, so the time advances where possible. */
const onward = ({ after, offset }: Cursor, read: ReadonlyArray<DueRow>): Cursor => {
  const [first, last] = [read[0]?.dueAt, read.at(-1)?.dueAt ?? after]
  if (first === last) return { after, offset: offset + read.length }
  return { after: last - 1, offset: read.filter(({ dueAt }) => dueAt === last).length }
}

const readPage = Effect.fnUntraced(function* (due: Due, asker: Asker, range: TimelineRange, place: TimelinePlace) {
  const rows: Array<DueView> = []
  let skipped = 0
  let cursor: Cursor = { after: place.from - 1, offset: 0 }
  for (;;) {
    const read = yield* orRefused(due.store.due({ until: Number.MAX_SAFE_INTEGER, ...cursor, limit: chunk }))
    for (const one of read) {
      const view = yield* viewOf(due, asker, range, one)
      if (view === undefined) continue
      if (view.dueAt === place.from && skipped < place.skip) skipped++
      else if (rows.length === pageSize) return { rows, next: nextAfter(rows, place) } satisfies Timeline
      else rows.push(view)
    }
    if (read.length < chunk) return { rows } satisfies Timeline
    cursor = onward(cursor, read)
    yield* Effect.yieldNow
  }
})

/** One record names the caller and the range, and a refusal is that of ListKeys. */
export const timelinePage = (
  due: Due,
  asker: Asker,
  range: TimelineRange,
  place: TimelinePlace
): Effect.Effect<Timeline, AnyKmsError> =>
  Effect.andThen(
    asker.lookAt(`timeline of ${range === "account" ? "all regions" : asker.realm.region}`),
    readPage(due, asker, range, place)
  )
