/** Entries that expire, kept in the store, so that every server on it sees them and a restart forgets none. */
import { Schema, Semaphore } from "effect"
import type { Effect } from "effect"
import type { Store, StoreFailure } from "../../store/store.ts"
import { decoded } from "../../store/rowReader.ts"

/** What every entry has. */
export interface Entry {
  /** A Base64url text that is spread evenly, such as a digest. */
  readonly id: string
  /** The entry is over at this instant, milliseconds. */
  readonly until: number
  /** The account, whose entries have a separate limit, so that one account cannot end the entries of another. */
  readonly owner: string
}

export const entryFields = { id: Schema.String, until: Schema.Finite, owner: Schema.String } as const

/** What an entry becomes: another one, undefined to remove it, or the same to leave it. */
export interface Edited<E, A> {
  readonly entry: E | undefined
  readonly answer: A
}

export interface Shelf<E extends Entry> {
  /** The entry with this id, unless it is over. */
  readonly find: (id: string) => Effect.Effect<E | undefined, StoreFailure>
  /** Replaces an entry. The change is durable when this returns, and `edit` may be called more than once. */
  readonly edit: <A>(id: string, edit: (found: E | undefined) => Edited<E, A>) => Effect.Effect<A, StoreFailure>
}

export interface ShelfOptions<E extends Entry> {
  readonly store: Store["Service"]
  /** The names of the rows begin with it. */
  readonly name: string
  readonly schema: Schema.Codec<E, E>
  /** Milliseconds. */
  readonly now: () => number
  /** How many entries of one owner there may be, about. A further one ends the oldest. */
  readonly perOwner: number
}

/** An entry stands in the row that its id begins with: the number of rows is fixed, and no row is left behind. */
const rowCount = 64
const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

/** A row holds an even share of the entries of an owner, and room for chance. */
const shareOf = (perOwner: number): number => Math.ceil(perOwner / rowCount) + 16

const withRoom = <E extends Entry>(entries: ReadonlyArray<E>, entry: E, max: number): ReadonlyArray<E> => {
  const own = entries.filter(({ owner }) => owner === entry.owner)
  const [oldest] = own.length < max ? [] : own
  return [...entries.filter((other) => other !== oldest), entry]
}

export const makeShelf = <E extends Entry>({ store, name, schema, now, perOwner }: ShelfOptions<E>): Shelf<E> => {
  const decode = Schema.decodeUnknownSync(Schema.fromJsonString(Schema.Array(schema)))
  const share = shareOf(perOwner)
  // Edits of one row take turns here, so that they only race with other servers.
  const turns = Array.from({ length: rowCount }, () => Semaphore.makeUnsafe(1))
  const placeOf = (id: string): number => Math.max(0, alphabet.indexOf(id.charAt(0)))
  const rowName = (id: string): string => `${name}.${placeOf(id)}`

  /** Throws if the row does not decode. */
  const living = (text: string | undefined): ReadonlyArray<E> =>
    text === undefined ? [] : decode(text).filter(({ until }) => until > now())

  const find: Shelf<E>["find"] = (id) =>
    decoded(store.meta(rowName(id)), (text) => living(text).find((one) => one.id === id))

  const edit: Shelf<E>["edit"] = (id, change) => {
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
