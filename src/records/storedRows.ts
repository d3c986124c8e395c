/** The flat rows of a store: text, numbers, bytes. `rows.ts` gives their meaning, `storedForm.ts` converts them. */

/** The row of each table. */
export interface StoredRows {
  /** One row per key. `head` is the hash of its newest event, and `epoch` the number of that event. */
  readonly keys: {
    readonly keyId: string
    readonly account: string
    readonly region: string
    /** Whether a cloud service owns the key. */
    readonly service: boolean
    readonly state: string
    readonly epoch: number
    readonly head: string
    /** JSON. */
    readonly metadata: string
    /** JSON. */
    readonly snapshot: string
  }
  readonly versions: {
    readonly keyId: string
    readonly keyVersionId: string
    readonly createdAt: number
    /** Sealed material; null after it is erased, or before it is imported. */
    readonly sealed: Uint8Array | null
    readonly publicKey: Uint8Array | null
  }
  /** The journal of a key, numbered from 1. */
  readonly events: {
    readonly keyId: string
    readonly seq: number
    readonly at: number
    readonly principal: string
    readonly requestId: string
    /** Canonical JSON: exactly the text that was hashed. */
    readonly payload: string
    readonly previous: string
    readonly hash: string
  }
  readonly deadlines: {
    readonly keyId: string
    readonly kind: string
    readonly dueAt: number
    readonly epoch: number
  }
  /** Work that a committed change still owes. */
  readonly owed: {
    readonly keyId: string
    readonly seq: number
    /** Canonical JSON. */
    readonly command: string
  }
  readonly aliases: {
    readonly account: string
    readonly region: string
    readonly aliasName: string
    readonly keyId: string
  }
  readonly importSessions: {
    readonly id: string
    readonly keyId: string
    readonly wrappingKeySpec: string
    readonly wrappingAlgorithm: string
    readonly expiresAt: number
    readonly failures: number
    readonly sealed: Uint8Array
  }
  /** The number of uses granted to a version. */
  readonly invocations: {
    readonly keyId: string
    readonly keyVersionId: string
    readonly reserved: number
  }
  readonly ram: {
    readonly account: string
    readonly kind: string
    readonly name: string
    /** JSON. */
    readonly record: string
  }
  /** The audit log: segments, numbered from 1, each with the hash of the one before it. */
  readonly audit: {
    readonly seq: number
    /** A JSON array of lines: exactly the text that was hashed. */
    readonly lines: string
    readonly previous: string
    readonly hash: string
  }
  readonly nonces: {
    readonly expiresAt: number
    /** A JSON array of lines. */
    readonly lines: string
  }
  readonly meta: {
    readonly name: string
    readonly value: string
  }
}

/** The name of a table. */
export type TableName = keyof StoredRows
/** A row of a table. */
export type StoredRow<T extends TableName> = StoredRows[T]

/** A value in an id, a partition or an index position. Texts are ordered by code units, numbers by size. */
export type Value = string | number

/** The values of a row's id, in the order of `idOf`. */
export type RowId = ReadonlyArray<Value>

const ids: { readonly [T in TableName]: (row: StoredRow<T>) => RowId } = {
  keys: ({ keyId }) => [keyId],
  versions: ({ keyId, keyVersionId }) => [keyId, keyVersionId],
  events: ({ keyId, seq }) => [keyId, seq],
  deadlines: ({ keyId, kind }) => [keyId, kind],
  owed: ({ keyId, seq, command }) => [keyId, seq, command],
  aliases: ({ account, region, aliasName }) => [account, region, aliasName],
  importSessions: ({ id }) => [id],
  invocations: ({ keyId, keyVersionId }) => [keyId, keyVersionId],
  ram: ({ account, kind, name }) => [account, kind, name],
  audit: ({ seq }) => [seq],
  nonces: ({ expiresAt, lines }) => [expiresAt, lines],
  meta: ({ name }) => [name]
}

/** A row's id. No two rows of a table have the same. */
export const idOf = <T extends TableName>(table: T, row: StoredRow<T>): RowId => ids[table](row)

/** A part of the row that changes with each change of the row. A plan compares it to detect a conflict. */
const revisions: { readonly [T in TableName]: (row: StoredRow<T>) => string } = {
  keys: ({ head }) => head,
  versions: ({ sealed }) => (sealed === null ? "empty" : "filled"),
  events: ({ hash }) => hash,
  deadlines: ({ dueAt, epoch }) => `${dueAt} ${epoch}`,
  owed: () => "owed",
  aliases: ({ keyId }) => keyId,
  importSessions: ({ failures }) => String(failures),
  invocations: ({ reserved }) => String(reserved),
  ram: ({ record }) => record,
  audit: ({ hash }) => hash,
  nonces: () => "kept",
  meta: ({ value }) => value
}

/** A text that differs for any two versions of a row. */
export const revisionOf = <T extends TableName>(table: T, row: StoredRow<T>): string => revisions[table](row)

/**
 * The position of a row in an index: its partition, and its place there. Rows at one place are in order of creation.
 */
export interface Standing {
  readonly partition: RowId
  readonly place: RowId
}

type Index<T extends TableName> = (row: StoredRow<T>) => Standing | undefined

const isLive = ({ state }: StoredRow<"keys">): boolean => state !== "Deleted"

/**
 * The indexes of each table. A row without a position is not in the index. A place without values means order of
 * creation: a replaced row keeps its place.
 */
export const indexes = {
  keys: {
    byId: ({ keyId }) => ({ partition: [], place: [keyId] }),
    live: (row) => (isLive(row) ? { partition: [row.account, row.region], place: [] } : undefined),
    /** Used only for counting. */
    users: (row) => (isLive(row) && !row.service ? { partition: [row.account, row.region], place: [] } : undefined),
    /** Used only for counting. */
    byState: ({ state }) => ({ partition: [state], place: [] })
  },
  versions: { ofKey: ({ keyId }) => ({ partition: [keyId], place: [] }) },
  events: { ofKey: ({ keyId, seq }) => ({ partition: [keyId], place: [seq] }) },
  deadlines: {
    ofKey: ({ keyId, kind }) => ({ partition: [keyId], place: [kind] }),
    due: ({ dueAt }) => ({ partition: [], place: [dueAt] })
  },
  owed: { all: () => ({ partition: [], place: [] }) },
  aliases: {
    inRealm: ({ account, region }) => ({ partition: [account, region], place: [] }),
    ofKey: ({ keyId }) => ({ partition: [keyId], place: [] })
  },
  importSessions: {
    all: () => ({ partition: [], place: [] }),
    byExpiry: ({ expiresAt }) => ({ partition: [], place: [expiresAt] })
  },
  invocations: {},
  ram: { byName: ({ account, kind, name }) => ({ partition: [], place: [account, kind, name] }) },
  audit: { bySeq: ({ seq }) => ({ partition: [], place: [seq] }) },
  nonces: { byExpiry: ({ expiresAt }) => ({ partition: [], place: [expiresAt] }) },
  meta: {}
} as const satisfies { readonly [T in TableName]: Readonly<Record<string, Index<T>>> }

/** The name of an index of a table. */
export type IndexName<T extends TableName> = keyof (typeof indexes)[T] & string

/** A part of an index: one partition, or the rows between two places of it. */
export interface Range<T extends TableName> {
  readonly table: T
  readonly index: IndexName<T>
  readonly partition: RowId
  /** Only rows after this place, in the order of reading. */
  readonly after?: Value
  /** Only rows at this place or before it. */
  readonly until?: Value
  /** Only rows of table `keys` that pass the filter. */
  readonly where?: KeyFilter
}

/** The rows to read: a range in order, from an offset on. */
export interface Scan<T extends TableName> extends Range<T> {
  readonly newestFirst?: true
  readonly offset?: number
  readonly limit: number
}

/** The whole range from which a scan reads a part. */
export const rangeOf = <T extends TableName>({
  newestFirst: _newestFirst,
  offset: _offset,
  limit: _limit,
  ...range
}: Scan<T>): Range<T> => range

/** Conditions on a key: for each given property, one of its values must match. */
export interface KeyFilter {
  readonly state?: ReadonlyArray<string>
  readonly spec?: ReadonlyArray<string>
  readonly usage?: ReadonlyArray<string>
  readonly protection?: ReadonlyArray<string>
  /** `User` or `Service`. */
  readonly creatorType?: ReadonlyArray<string>
  readonly keyId?: ReadonlyArray<string>
  /** The account, or the code of the service. */
  readonly creator?: ReadonlyArray<string>
  /** Keys and values of tags: one tag must match both. */
  readonly tagKey?: ReadonlyArray<string>
  readonly tagValue?: ReadonlyArray<string>
}
