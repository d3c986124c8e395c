/** The attributes by which lists filter, search and sort keys: one small record for each key. */
import { storedDeadlines } from "../../../machines/deadlines.ts"
import type { OwedDeadline } from "../../../machines/deadlines.ts"
import type { KeyId } from "../../domain/ids.ts"
import type { KeyMetadata, KeyRow } from "../../records/rows.ts"
import type { KeySort } from "../protocol.ts"

export interface Listed {
  readonly keyId: KeyId
  /** Its place in the order of creation. */
  readonly place: number
  /** Tags and policy, which decide who may view the key. */
  readonly metadata: KeyMetadata
  readonly aliases: ReadonlyArray<string>
  readonly state: string
  readonly rotation: string
  readonly spec: string
  readonly usage: string
  readonly origin: string
  readonly protection: string
  readonly deadlines: ReadonlyArray<OwedDeadline>
  /** In lower case, for the search. Attributes that a caller may not list are not searched. */
  readonly text: string
  readonly aliasText: string
  readonly tagText: string
}

const lower = (texts: ReadonlyArray<string>): string => texts.join("\n").toLowerCase()

export const listedOf = (
  { keyId, metadata, snapshot: { context, value }, snapshot }: KeyRow,
  aliases: ReadonlyArray<string>,
  place: number
): Listed => ({
  keyId,
  place,
  metadata,
  aliases,
  state: value.lifecycle,
  rotation: value.rotation,
  spec: context.spec,
  usage: context.usage,
  origin: context.origin,
  protection: context.protection,
  deadlines: [...storedDeadlines(snapshot)].sort((a, b) => a.dueAt - b.dueAt),
  text: lower([keyId, metadata.description]),
  aliasText: lower(aliases),
  tagText: lower(Object.entries(metadata.tags ?? {}).map(([key, value]) => `${key}=${value}`))
})

/** The name that pages show: the first alias, the description, or the id. */
const nameOf = ({ aliases, keyId, metadata: { description } }: Listed): string =>
  aliases[0] ?? (description === "" ? keyId : description)

const byText =
  (of: (listed: Listed) => string) =>
  (a: Listed, b: Listed): number => {
    const [left, right] = [of(a), of(b)]
    if (left === right) return a.place - b.place
    return left < right ? -1 : 1
  }

/** A key without a deadline comes last. */
const nextOf = ({ deadlines: [next] }: Listed): number => next?.dueAt ?? Number.MAX_SAFE_INTEGER

/** Keys that compare equal keep their order of creation. */
export const orders: Readonly<Record<KeySort, (a: Listed, b: Listed) => number>> = {
  created: (a, b) => a.metadata.createdAt - b.metadata.createdAt || a.place - b.place,
  name: byText((listed) => nameOf(listed).toLowerCase()),
  next: (a, b) => nextOf(a) - nextOf(b) || a.place - b.place,
  state: byText(({ state }) => state),
  spec: byText(({ spec }) => spec),
  origin: byText(({ origin }) => origin),
  protection: byText(({ protection }) => protection),
  rotation: byText(({ rotation }) => rotation),
  creator: byText(({ metadata: { creator } }) => creator)
}
