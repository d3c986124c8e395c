/** What the pages say about keys: names, deadlines, filters. */
import type { DeadlineKind } from "../../../../machines/vocabulary.ts"
import type { KeyRow } from "../../protocol.ts"

export const pathOf = (keyId: string): string => `/keys/${encodeURIComponent(keyId)}`

/** What the history of a key is read by. It is all that is known of a deleted key. */
export type Lived = Pick<KeyRow, "keyId" | "epoch">

export const looksLikeKeyId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

/** What the key is called: its first alias, its description, or its id. */
export const nameOf = ({ aliases, description, keyId }: KeyRow): string =>
  aliases?.[0] ?? (description === "" ? keyId : description)

const whatIsDue: Readonly<Record<DeadlineKind, string>> = {
  DeletionDue: "Deletion",
  MaterialExpired: "Material expires",
  RotationDue: "Rotation"
}

const isDeadlineKind = (kind: string): kind is DeadlineKind => Object.hasOwn(whatIsDue, kind)

export const dueWord = (kind: string): string => (isDeadlineKind(kind) ? whatIsDue[kind] : kind)

export interface Due {
  readonly row: KeyRow
  readonly kind: string
  readonly dueAt: number
}

export const deadlinesOf = (rows: Iterable<KeyRow>): ReadonlyArray<Due> =>
  [...rows].flatMap((row) => row.deadlines.map((due) => ({ row, ...due }))).sort((a, b) => a.dueAt - b.dueAt)

export const nextOf = (row: KeyRow): Due | undefined => deadlinesOf([row])[0]

/** What the list's filters compare. A key must match all that are set. */
export const filters = {
  state: { label: "State", of: (row: KeyRow) => row.state },
  spec: { label: "Spec", of: (row: KeyRow) => row.spec },
  usage: { label: "Usage", of: (row: KeyRow) => row.usage },
  origin: { label: "Origin", of: (row: KeyRow) => row.origin },
  protection: { label: "Protection", of: (row: KeyRow) => row.protection }
} as const

export type FilterName = keyof typeof filters
export const filterNames = [
  "state",
  "spec",
  "usage",
  "origin",
  "protection"
] as const satisfies ReadonlyArray<FilterName>

const textsOf = ({ aliases, description, keyId, tags }: KeyRow): ReadonlyArray<string> => [
  keyId,
  description,
  ...(aliases ?? []),
  ...Object.entries(tags ?? {}).flatMap(([key, value]) => [`${key}=${value}`])
]

export const isWanted = (row: KeyRow, query: URLSearchParams): boolean => {
  for (const name of filterNames) {
    const wanted = query.get(name)
    if (wanted !== null && filters[name].of(row) !== wanted) return false
  }
  const text = (query.get("q") ?? "").trim().toLowerCase()
  return text === "" || textsOf(row).some((one) => one.toLowerCase().includes(text))
}
