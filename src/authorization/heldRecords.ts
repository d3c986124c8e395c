/** The access control records in force, as the store holds them, and reading the changes of other engines. */
import { Effect } from "effect"
import type { RootKey } from "../crypto/seal.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { refuse } from "../domain/errors.ts"
import { decodeRecord } from "../ram/records.ts"
import type { RamName, RamRecord } from "../records/rows.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orRefused, orUnusable } from "../store/unavailable.ts"
import { makeRamTables } from "./ramTables.ts"
import type { RamTables } from "./ramTables.ts"

/** The records in force, and the stored records they were read from. */
export interface Held {
  readonly tables: RamTables
  /** The stored text of each record, by its name. */
  readonly texts: Map<string, RamRecord>
  /** The number of the newest change in force. */
  version: number
}

const placeOf = ({ account, kind, name }: RamName): string => `${account} ${kind} ${name}`

/** Puts a stored record in force. Returns its fault, if any. */
const installRecord = ({ tables, texts }: Held, record: RamRecord): string | undefined => {
  const entity = decodeRecord(record)
  const fault = entity === undefined ? "it is not in the form of this version" : tables.install(entity)
  if (fault === undefined) texts.set(placeOf(record), record)
  return fault
}

const removeRecord = ({ tables, texts }: Held, name: RamName): void => {
  tables.remove(name)
  texts.delete(placeOf(name))
}

const unusable = ({ kind, name, account }: RamName, fault: string): string =>
  `The access control record ${kind} ${name} of the account ${account} cannot be used: ${fault}.`

/** The stored access control. A record that cannot be read may have been a restriction, so the start fails. */
export const readHeld = Effect.fnUntraced(function* (rootKey: RootKey) {
  const store = yield* Store
  // The number is read first. A change in between is then read twice, but never missed.
  const held: Held = { tables: makeRamTables(rootKey), texts: new Map(), version: yield* orUnusable(store.ramVersion) }
  for (const record of yield* orUnusable(store.ramRecords)) {
    const fault = installRecord(held, record)
    if (fault !== undefined) return yield* new StoreUnusable({ message: unusable(record, fault) })
  }
  return held
})

export const putInForce = (held: Held, put: ReadonlyArray<RamRecord>, drop: ReadonlyArray<RamName>): void => {
  // Removals come first: a renamed user keeps its access keys.
  for (const name of drop) removeRecord(held, name)
  for (const record of put) {
    const fault = installRecord(held, record)
    if (fault !== undefined) throw new Error(`the records of this change cannot be used: ${fault}`)
  }
}

/** Reads the changes of other engines. Only the holder of the turn calls it. */
export const reload = (held: Held, store: Store["Service"]): Effect.Effect<void, ServiceError> =>
  Effect.gen(function* () {
    // The number is read first. A change in between is then read twice, but never missed.
    const version = yield* orRefused(store.ramVersion)
    const records = new Map((yield* orRefused(store.ramRecords)).map((record) => [placeOf(record), record]))
    for (const [place, name] of held.texts) if (!records.has(place)) removeRecord(held, name)
    for (const [place, record] of records) {
      if (held.texts.get(place)?.record === record.record) continue
      const fault = installRecord(held, record)
      if (fault === undefined) continue
      // The record may be a restriction: no call is allowed until it can be read.
      return yield* refuse("ServiceUnavailableTemporary", { hint: unusable(record, fault) })
    }
    held.version = version
  })
