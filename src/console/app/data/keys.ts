/** What the pages say about keys: names, deadlines, filters. */
import type { DeadlineKind } from "../../../../machines/vocabulary.ts"
import type { KeyRow } from "../../protocol.ts"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

export const pathOf = (keyId: string): string => `/keys/${encodeURIComponent(keyId)}`

/** What identifies the history of a key. It is all that is known of a deleted key. */
export type Lived = Pick<KeyRow, "keyId" | "epoch">

export const looksLikeKeyId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text)

/** What the key is called: its first alias, its description, or its id. */
export const nameOf = ({ aliases, description, keyId }: KeyRow): string =>
  aliases?.[0] ?? (description === "" ? keyId : description)

const whatIsDue: Readonly<Record<DeadlineKind, PlainText>> = {
  DeletionDue: "Deletion",
  MaterialExpired: "Material expires",
  RotationDue: "Rotation"
}

const isDeadlineKind = (kind: string): kind is DeadlineKind => Object.hasOwn(whatIsDue, kind)

export const dueWord = (kind: string): string => (isDeadlineKind(kind) ? t(whatIsDue[kind]) : kind)

/** `Deletion of alias/orders` */
export const dueOf = (kind: string, name: string): string => t("{event} of {name}", { event: dueWord(kind), name })

export interface Due {
  readonly row: KeyRow
  readonly kind: string
  readonly dueAt: number
}

export const deadlinesOf = (rows: Iterable<KeyRow>): ReadonlyArray<Due> =>
  [...rows].flatMap((row) => row.deadlines.map((due) => ({ row, ...due }))).sort((a, b) => a.dueAt - b.dueAt)

export const nextOf = (row: KeyRow): Due | undefined => deadlinesOf([row])[0]
