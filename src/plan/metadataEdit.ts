/** An edit of a key's metadata, as data: it is applied when the key's turn comes. */
import type { KeyMetadata } from "../records/rows.ts"

export type MetadataEdit =
  | { readonly type: "SetDescription"; readonly description: string }
  | { readonly type: "SetPolicy"; readonly policy: string }
  /** Null removes it. */
  | { readonly type: "SetProtectionReason"; readonly reason: string | null }
  /** Replaces tags of the same key. The result has at most `tagsMax` tags. */
  | { readonly type: "AddTags"; readonly tags: Readonly<Record<string, string>>; readonly tagsMax: number }
  /** Null removes all tags. Names that the key does not have are ignored. */
  | { readonly type: "RemoveTags"; readonly names: ReadonlyArray<string> | null }

/** An edit that the key's own metadata does not allow. */
export interface TooManyTags {
  readonly _tag: "TooManyTags"
  readonly tagsMax: number
}

type Tags = Readonly<Record<string, string>>

const withTags = ({ tags: _before, ...metadata }: KeyMetadata, tags: Tags): KeyMetadata =>
  Object.keys(tags).length === 0 ? metadata : { ...metadata, tags }

const withReason = (
  { deletionProtectionDescription: _before, ...metadata }: KeyMetadata,
  reason: string | null
): KeyMetadata => (reason === null ? metadata : { ...metadata, deletionProtectionDescription: reason })

const without = (tags: Tags, names: ReadonlyArray<string> | null): Tags =>
  names === null ? {} : Object.fromEntries(Object.entries(tags).filter(([name]) => !names.includes(name)))

/** The reason why an edit is refused; undefined if it is allowed. */
export const refusalOfEdit = (edit: MetadataEdit, { tags }: KeyMetadata): TooManyTags | undefined =>
  edit.type === "AddTags" && Object.keys({ ...tags, ...edit.tags }).length > edit.tagsMax
    ? { _tag: "TooManyTags", tagsMax: edit.tagsMax }
    : undefined

export const editedBy = (edit: MetadataEdit, metadata: KeyMetadata): KeyMetadata => {
  switch (edit.type) {
    case "SetDescription":
      return { ...metadata, description: edit.description }
    case "SetPolicy":
      return { ...metadata, policy: edit.policy }
    case "SetProtectionReason":
      return withReason(metadata, edit.reason)
    case "AddTags":
      return withTags(metadata, { ...metadata.tags, ...edit.tags })
    case "RemoveTags":
      return withTags(metadata, without(metadata.tags ?? {}, edit.names))
    default:
      return edit satisfies never
  }
}
