/** Entries that expire, kept in the store, so that every server on it sees them and they survive a restart. */
import { Schema, Semaphore } from "effect"
import type { Effect } from "effect"
import type { Store, StoreFailure } from "../../store/store.ts"
import { decoded } from "../../store/rowReader.ts"

/** The members of every entry. */
export interface Entry {
  /** An evenly distributed Base64url text, such as a digest. */
  readonly id: string
  /** When the entry expires, in milliseconds. */
  readonly until: number
  /** The account. Each account has its own limit, so that one account cannot remove the entries of another. */
  readonly owner: string
}

export const entryFields = { id: Schema.String, until: Schema.Finite, owner: Schema.String } as const

/** The entry after an edit: another one, undefined to remove it, or the same one to leave it. */
export interface Edited<E, A> {
  readonly entry: E | undefined
  readonly answer: A
}

export interface ExpiringEntries<E extends Entry> {
  /** The entry with this id, unless it has expired. */
  readonly find: (id: string) => Effect.Effect<E | undefined, StoreFailure>
  /** Replaces an entry. The change is durable when this returns. `edit` may be called more than once. */
  readonly edit: <A>(id: string, edit: (found: E | undefined) => Edited<E, A>) => Effect.Effect<A, StoreFailure>
}

export interface ExpiringEntriesOptions<E extends Entry> {
  readonly store: Store["Service"]
  /** The prefix of the rows' names. */
  readonly name: string
  readonly schema: Schema.Codec<E, E>
  /** Milliseconds. */
  readonly now: () => number
  /** The approximate limit of entries of one owner. A further entry removes the oldest. */
  readonly perOwner: number
}

/**
 * An entry is in the row that the beginning of its id selects. The number of rows is fixed, so no empty rows remain.
 */
const rowCount = 64
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** A row has room for an even share of an owner's entries, and for uneven distribution. */
const shareOf = (perOwner: number): number => Math.ceil(perOwner / rowCount) + 16

const withRoom = <E extends Entry>(entries: ReadonlyArray<E>, entry: E, max: number): ReadonlyArray<E> => {
  const own = entries.filter(({ owner }) => owner === entry.owner)
  const [oldest] = own.length < max ? [] : own
  return [...entries.filter((other) => other !== oldest), entry]
}

export const makeExpiringEntries = <E extends Entry>({
  store,
  name,
  schema,
  now,
  perOwner
}: ExpiringEntriesOptions<E>): ExpiringEntries<E> => {
  const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(schema)))
  const share = shareOf(perOwner)
  // Edits of one row on this server take turns, so that they compete only with other servers.
  const turns = Array.from({ length: rowCount }, () => Semaphore.makeUnsafe(1))
  const placeOf = (id: string): number => Math.max(0, alphabet.indexOf(id.charAt(0)))
  const rowName = (id: string): string => `${name}.${placeOf(id)}`

  /** Throws if the row does not decode. */
  const living = (text: string | undefined): ReadonlyArray<E> =>
    text === undefined ? [] : decode(text).filter(({ until }) => until > now())

  const find: ExpiringEntries<E>["find"] = (id) =>
    decoded(store.meta(rowName(id)), (text) => living(text).find((one) => one.id === id))

  const edit: ExpiringEntries<E>["edit"] = (id, change) => {
    const editRow = store.editMeta(rowName(id), (text) => {
      const entries = living(text)
      const found = entries.find((one) => one.id === id)
      const { answer, entry } = change(found)
      if (entry === found) return { to: undefined, answer }
      const others = entries.filter((one) => one !== found)
      return { to: JSON.stringify(entry === undefined ? others : withRoom(others, entry, share)), answer }
    })
    return turns[placeOf(id)]?.withPermit(editRow) ?? editRow
  }
  return { find, edit }
}
