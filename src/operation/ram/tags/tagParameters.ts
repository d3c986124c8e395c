/** RAM: tags as requests give them and as lists show them. */
import { optional } from "../../parameters.ts"
import { tagRecords, tagsOf as tagsIn } from "../../resources.ts"
import type { TagError } from "../../tags/tags.ts"
import { tagRecord, tagsConflict } from "../../tags/tags.ts"

export const Tag = optional(tagRecords, "The tags.")
export const TagFilter = optional(tagRecords, "Only resources that have these tags.")

type Given = ReadonlyArray<Readonly<Record<string, string>>> | undefined
type Tags = Readonly<Record<string, string>>

const tagsOf = (given: Given) => tagsIn(given ?? [])

export const tagsFault = (given: Given): TagError | undefined => tagsConflict(tagsOf(given))

export const tagMapOf = (given: Given): Tags => tagRecord(tagsOf(given))

/** Whether a resource has all tags of a filter. A filter without a value compares only the key. */
export const hasTags = (tags: Tags, filter: Given): boolean =>
  (filter ?? []).every(({ Key = "", Value }) => (Value === undefined ? Object.hasOwn(tags, Key) : tags[Key] === Value))

export const tagsShown = (tags: Tags) => ({
  Tags: { Tag: Object.entries(tags).map(([TagKey, TagValue]) => ({ TagKey, TagValue })) }
})
