/** Lists of keys: a page of the keys that match a search and filters, and the counts of the Overview. */
import { Effect } from "effect"
import type { Access } from "../../authorization/access.ts"
import type { KeyDirectory } from "../../actor/keyDirectory.ts"
import type { AnyKmsError } from "../../domain/errors.ts"
import { livingStates } from "../../../machines/vocabulary.ts"
import type { Store } from "../../store/store.ts"
import { orRefused } from "../../store/unavailable.ts"
import { keyFilters, keySorts } from "../protocol.ts"
import type { KeyFilterName, KeysPage, KeysSummary, KeySort } from "../protocol.ts"
import type { Asker } from "./asker.ts"
import type { IndexedKeys, KeyIndex } from "./keyIndex.ts"
import type { Listed } from "./listed.ts"
import { rowsOf } from "./rows.ts"
import { sightOf } from "./sight.ts"
import type { SeenKey, Sight } from "./sight.ts"

export interface Listing {
  readonly index: KeyIndex
  readonly store: Store["Service"]
  readonly access: Access["Service"]
  readonly directory: KeyDirectory["Service"]
}

/** A requested page. */
export interface Wanted {
  /** In lower case; empty for no search. */
  readonly text: string
  readonly filters: Readonly<Partial<Record<KeyFilterName, string>>>
  /** Only these keys; undefined for all. */
  readonly ids: ReadonlySet<string> | undefined
  readonly sort: KeySort
  readonly descending: boolean
  readonly offset: number
  readonly limit: number
}

const limitMax = 100
const deadlinesShown = 8
const suspendedShown = 20
/** The number of keys that are tested before other requests get a turn. */
const testedAtOnce = 2000

const countIn = (text: string | null, most: number, otherwise: number): number => {
  const count = Number(text ?? otherwise)
  return Number.isSafeInteger(count) && count >= 0 ? Math.min(count, most) : otherwise
}

/** Unknown names and values fall back to the plain list. */
export const wantedIn = (query: URLSearchParams): Wanted => ({
  text: (query.get("q") ?? "").trim().toLowerCase(),
  filters: Object.fromEntries(
    keyFilters.map((name) => [name, query.get(name) ?? ""] as const).filter(([, value]) => value !== "")
  ),
  ids: query.has("ids") ? new Set(query.get("ids")?.split(",")) : undefined,
  sort: keySorts.find((sort) => sort === query.get("sort")) ?? "created",
  descending: query.get("descending") === "true",
  offset: countIn(query.get("offset"), Number.MAX_SAFE_INTEGER, 0),
  limit: countIn(query.get("limit"), limitMax, 50)
})

/** The list in its audit record. Texts that the user typed are left out, because they may repeat a tag. */
const subjectOf = ({ realm }: Asker, wanted: Wanted): string => {
  const { descending, filters, ids, limit, offset, sort, text } = wanted
  const typed = new Set<string>(["creator", "tag"])
  const conditions = Object.entries(filters).map(([name, value]) => (typed.has(name) ? name : `${name}=${value}`))
  return [
    `keys ${offset + 1} to ${offset + limit} of ${realm.region}`,
    `by ${sort}${descending ? ", descending" : ""}`,
    ...(text === "" ? [] : ["searched"]),
    ...(ids === undefined ? [] : ["named keys"]),
    ...conditions
  ].join(", ")
}

const matchesTag = ({ metadata: { tags = {} } }: Listed, wanted: string): boolean =>
  Object.entries(tags).some(([key, value]) => key === wanted || `${key}=${value}` === wanted)

const tests: Readonly<Record<KeyFilterName, (listed: Listed, value: string, sight: Sight) => boolean>> = {
  state: ({ state }, value) => state === value,
  spec: ({ spec }, value) => spec === value,
  usage: ({ usage }, value) => usage === value,
  origin: ({ origin }, value) => origin === value,
  rotation: ({ rotation }, value) => rotation === value,
  protection: ({ protection }, value) => protection === value,
  creator: ({ metadata }, value) => metadata.creator === value,
  tag: (listed, value, { seesTags }) => seesTags && matchesTag(listed, value)
}

const hasText = ({ text, aliasText, tagText }: Listed, wanted: string, { seesAliases, seesTags }: Sight): boolean =>
  text.includes(wanted) || (seesAliases && aliasText.includes(wanted)) || (seesTags && tagText.includes(wanted))

const isPlain = ({ filters, ids, text }: Wanted): boolean =>
  text === "" && ids === undefined && Object.keys(filters).length === 0

/** Whether a key belongs to the list. Attributes that a caller may not see match nothing. */
const testOf = (wanted: Wanted, sight: Sight): ((listed: Listed) => boolean) => {
  const conditions = keyFilters.flatMap((name) => {
    const value = wanted.filters[name]
    return value === undefined ? [] : [(listed: Listed) => tests[name](listed, value, sight)]
  })
  return (listed) =>
    (wanted.ids === undefined || wanted.ids.has(listed.keyId)) &&
    conditions.every((holds) => holds(listed)) &&
    (wanted.text === "" || hasText(listed, wanted.text, sight)) &&
    sight.mayView(listed)
}

/** Tests many keys, and lets other requests have a turn in between. */
const matching = Effect.fnUntraced(function* (keys: ReadonlyArray<Listed>, isWanted: (listed: Listed) => boolean) {
  const found: Array<Listed> = []
  for (let at = 0; at < keys.length; at += testedAtOnce) {
    for (const listed of keys.slice(at, at + testedAtOnce)) if (isWanted(listed)) found.push(listed)
    yield* Effect.yieldNow
  }
  return found
})

/** Keys in the order of the list. A list that hides nothing may contain keys that its caller may not view. */
const listed = (keys: IndexedKeys, wanted: Wanted, sight: Sight): Effect.Effect<ReadonlyArray<Listed>> => {
  const ordered = keys.inOrder(wanted.sort)
  const found =
    isPlain(wanted) && wanted.sort === "created" ? Effect.succeed(ordered) : matching(ordered, testOf(wanted, sight))
  return wanted.descending ? Effect.map(found, (all) => all.toReversed()) : found
}

interface Part {
  readonly keys: ReadonlyArray<SeenKey>
  readonly total: number
  readonly all: number
}

/** The store itself has the order of the plain list, so the first page does not wait until all keys are read. */
const partOfStore = Effect.fnUntraced(function* ({ store }: Listing, { realm }: Asker, { offset, limit }: Wanted) {
  const keys = yield* orRefused(store.keyRows({ realm, offset, limit }))
  const { total } = yield* orRefused(store.keys({ realm, offset: 0, limit: 0 }))
  const part: Part = { keys, total, all: total }
  return part
})

const partOfIndex = Effect.fnUntraced(function* ({ index }: Listing, { realm }: Asker, wanted: Wanted, sight: Sight) {
  const keys = yield* index.of(realm)
  const found = yield* listed(keys, wanted, sight)
  const part: Part = {
    keys: found.slice(wanted.offset, wanted.offset + wanted.limit),
    total: found.length,
    all: keys.size
  }
  return part
})

const isInStore = ({ index }: Listing, { realm }: Asker, wanted: Wanted): boolean =>
  isPlain(wanted) && wanted.sort === "created" && !wanted.descending && !index.isReady(realm)

/** One audit record names the list. Each row contains what its caller may see of the key. */
export const keysPage = (listing: Listing, asker: Asker, wanted: Wanted): Effect.Effect<KeysPage, AnyKmsError> =>
  Effect.gen(function* () {
    yield* asker.lookAt(subjectOf(asker, wanted))
    const sight = sightOf(listing.access, asker)
    const isFirst = isInStore(listing, asker, wanted)
    // A search usually follows the first page, so the keys are read now.
    if (isFirst) yield* Effect.forkDetach(Effect.ignore(listing.index.of(asker.realm)))
    const { all, keys, total } = yield* isFirst
      ? partOfStore(listing, asker, wanted)
      : partOfIndex(listing, asker, wanted, sight)
    return { rows: yield* rowsOf(listing, asker, sight, keys), offset: wanted.offset, total, all }
  })

interface Counted {
  all: number
  hidden: number
  readonly states: Record<string, number>
  deadlines: number
  readonly suspended: Array<Listed>
  suspensions: number
}

const count = (counted: Counted, sight: Sight, listed: Listed): void => {
  counted.all++
  if (!sight.mayView(listed)) {
    counted.hidden++
    return
  }
  counted.states[listed.state] = (counted.states[listed.state] ?? 0) + 1
  counted.deadlines += listed.deadlines.length
  if (listed.rotation !== "Suspended") return
  counted.suspensions++
  if (counted.suspended.length < suspendedShown) counted.suspended.push(listed)
}

/**
 * The first keys have the first deadlines: no deadline of a later key is before the first deadline of an earlier key.
 */
const nextDue = (keys: IndexedKeys, sight: Sight): ReadonlyArray<Listed> => {
  const due: Array<Listed> = []
  for (const listed of keys.inOrder("next")) {
    if (due.length === deadlinesShown || listed.deadlines.length === 0) break
    if (sight.mayView(listed)) due.push(listed)
  }
  return due
}

/** The counts of the Overview, with one audit record. */
export const keysSummary = (listing: Listing, asker: Asker): Effect.Effect<KeysSummary, AnyKmsError> =>
  Effect.gen(function* () {
    yield* asker.lookAt(`overview of the keys of ${asker.realm.region}`)
    const sight = sightOf(listing.access, asker)
    const indexed = yield* listing.index.of(asker.realm)
    const keys = indexed.inOrder("created")
    const states = Object.fromEntries(livingStates.map((state) => [state, 0]))
    const counted: Counted = { all: 0, hidden: 0, states, deadlines: 0, suspended: [], suspensions: 0 }
    for (let at = 0; at < keys.length; at += testedAtOnce) {
      for (const listed of keys.slice(at, at + testedAtOnce)) count(counted, sight, listed)
      yield* Effect.yieldNow
    }
    const { all, deadlines, hidden, suspensions } = counted
    return {
      all,
      hidden,
      states,
      due: yield* rowsOf(listing, asker, sight, nextDue(indexed, sight)),
      deadlines,
      suspended: yield* rowsOf(listing, asker, sight, counted.suspended),
      suspensions
    }
  })

/** The key that an alias is bound to, if the caller may list aliases and the name is taken. */
export const aliasHolder = (listing: Listing, asker: Asker, aliasName: string) =>
  Effect.gen(function* () {
    yield* asker.lookAt(`alias names of ${asker.realm.region}`)
    if (!sightOf(listing.access, asker).seesAliases) return {}
    const keyId = yield* orRefused(listing.store.alias(asker.realm, aliasName))
    return keyId === undefined ? {} : { keyId }
  })
