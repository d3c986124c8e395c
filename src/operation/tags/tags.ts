/** Tags of keys: their form in requests, their limits, and how they are added to a key (API reference 9). */
import { Option, Schema } from "effect"
import type { KeyActor } from "../../actor/keyActor.ts"
import { refuse } from "../../domain/errors.ts"
import type { ErrorOf } from "../../domain/errors.ts"
import { tagKeyBytesMax, tagsPerCallMax, tagValueCharsMax } from "../../domain/limits.ts"
import { countChars } from "../../encoding/chars.ts"
import { strictJsonValue } from "../../encoding/strictJson.ts"
import type { KeyMetadata } from "../../records/rows.ts"
import { causeOf } from "../changes.ts"
import type { Call } from "../operation.ts"
import { recordsFault, stringsFault } from "../jsonFault.ts"
import {
  asJson,
  invalidBecause,
  text,
  textFault,
  unsupported,
  wireBytesPerEscapedByte,
  wireBytesPerEscapedChar
} from "../parameters.ts"
import type { Kind } from "../parameters.ts"

export interface Tag {
  readonly key: string
  readonly value: string
}

const decodeTags = Schema.decodeUnknownOption(
  Schema.Array(Schema.Struct({ TagKey: Schema.String, TagValue: Schema.String })),
  { onExcessProperty: "error" }
)
const decodeNames = Schema.decodeUnknownOption(Schema.Array(Schema.String))

/** Strict: two values for one name are refused, because one of them would be lost. */
const jsonIn = (given: string): unknown => strictJsonValue(given, { is: "a list of tags", depthMax: 2 })

/** Bytes of the longest tag on the wire, with its names and punctuation. */
export const tagWireBytesMax =
  tagKeyBytesMax * wireBytesPerEscapedByte + tagValueCharsMax * wireBytesPerEscapedChar + 64

/** The longest list of tags: a client may write every character as a JSON escape, `\\u4e2d`. */
const tagsTextCharsMax =
  tagsPerCallMax.many * (tagKeyBytesMax * 6 + tagValueCharsMax * 12 + '{"TagKey":"","TagValue":""},'.length) + 2
const tagsWireBytesMax = tagsPerCallMax.many * tagWireBytesMax

const tagsFault = (given: unknown): string => {
  const fault = textFault(given, { charsMax: tagsTextCharsMax })
  if (fault !== undefined) return fault
  return recordsFault(String(given), { TagKey: "string", TagValue: "string" }) ?? "has no tags"
}

const tagNamesFault = (given: unknown): string => {
  const fault = textFault(given, { charsMax: tagsTextCharsMax })
  if (fault !== undefined) return fault
  const list = String(given)
  if (list.startsWith("[")) return stringsFault(list) ?? "has no tag keys"
  return `item ${list.split(",").indexOf("") + 1} is empty`
}

/** `[{"TagKey":"…","TagValue":"…"}]`. The limits of a tag are checked later and have different codes. */
export const tagList: Kind<
  ReadonlyArray<{ readonly TagKey: string; readonly TagValue: string }> | string,
  ReadonlyArray<Tag>
> = {
  read: (given) => {
    const json = text({ charsMin: 2, charsMax: tagsTextCharsMax }).read(given)
    const read = json === undefined ? Option.none() : decodeTags(jsonIn(json))
    return Option.isSome(read) && read.value.length > 0
      ? read.value.map(({ TagKey, TagValue }) => ({ key: TagKey, value: TagValue }))
      : undefined
  },
  isList: true,
  form: 'JSON array of `{"TagKey":"…","TagValue":"…"}`',
  fault: tagsFault,
  wireBytesMax: tagsWireBytesMax,
  structured: asJson("an array of tags")
}

/** A JSON array of names, or names with commas between them. */
export const tagNames: Kind<ReadonlyArray<string> | string, ReadonlyArray<string>> = {
  read: (given) => {
    const list = text({ charsMin: 1, charsMax: tagsTextCharsMax }).read(given)
    if (list === undefined) return undefined
    const names = list.startsWith("[") ? Option.getOrUndefined(decodeNames(jsonIn(list))) : list.split(",")
    return names === undefined || names.length === 0 || names.includes("") ? undefined : names
  },
  isList: true,
  form: 'JSON array of tag keys, `["a","b"]`, or tag keys with commas between them',
  fault: tagNamesFault,
  wireBytesMax: tagsWireBytesMax,
  structured: asJson("an array of tag keys")
}

const utf8 = new TextEncoder()
const reservedPrefixes = ["aliyun", "acs:"]
/**
 * With these tags a user lets a cloud service use the key. The system policies of RDS and of the message queue for
 * Kafka require `kms:tag/acs:rds:instance-encryption` and `kms:tag/acs:alikafka:instance-encryption`.
 */
const serviceTagKey = /^acs:[a-z][a-z0-9-]*:[a-z][a-z0-9-]*-encryption$/

const isReserved = (key: string): boolean =>
  !serviceTagKey.test(key) && reservedPrefixes.some((prefix) => key.toLowerCase().startsWith(prefix))

const isTagKey = (key: string): boolean =>
  key !== "" && key.isWellFormed() && utf8.encode(key).length <= tagKeyBytesMax && !isReserved(key)

/** The fault of a tag key, as the end of a sentence. */
const tagKeyFault = (key: string): string | undefined => {
  if (isTagKey(key)) return undefined
  if (key === "") return "is empty"
  if (!key.isWellFormed()) return "is not well-formed Unicode"
  const bytes = utf8.encode(key).length
  return bytes > tagKeyBytesMax
    ? `has ${bytes} bytes in UTF-8; the limit is ${tagKeyBytesMax}`
    : "begins with aliyun or acs:, which is reserved except for acs:<service>:<use>-encryption"
}

const tagValueFault = (value: string): string | undefined => {
  if (!value.isWellFormed()) return "is not well-formed Unicode"
  const chars = countChars(value)
  return chars > tagValueCharsMax ? `has ${chars} characters; the limit is ${tagValueCharsMax}` : undefined
}

/** The errors of invalid tags. */
export const tagErrors = ["InvalidParameter.TagKey", "InvalidParameter.TagValue", "Duplicate.TagKey"] as const
export type TagError = ErrorOf<(typeof tagErrors)[number]>

/** The fault of the tags that a user gives. */
export const tagsConflict = (tags: ReadonlyArray<Tag>): TagError | undefined => {
  for (const [at, { key }] of tags.entries()) {
    const fault = tagKeyFault(key)
    if (fault !== undefined) return refuse("InvalidParameter.TagKey", { hint: `The key of tag ${at + 1} ${fault}.` })
  }
  for (const [at, { value }] of tags.entries()) {
    const fault = tagValueFault(value)
    if (fault !== undefined) {
      return refuse("InvalidParameter.TagValue", { hint: `The value of tag ${at + 1} ${fault}.` })
    }
  }
  return new Set(tags.map(({ key }) => key)).size < tags.length
    ? refuse("Duplicate.TagKey", { hint: "Give every tag key once." })
    : undefined
}

export const tagRecord = (tags: ReadonlyArray<Tag>): Readonly<Record<string, string>> =>
  Object.fromEntries(tags.map(({ key, value }) => [key, value]))

interface Addition {
  readonly tags: ReadonlyArray<Tag>
  /** The most tags that the key may have after the change. */
  readonly tagsMax: number
}

/** Refuses the change if the key would have too many tags. A tag with an existing tag key replaces it. */
export const tooManyTags =
  ({ tags, tagsMax }: Addition) =>
  (metadata: KeyMetadata): ErrorOf<"Rejected.LimitExceeded"> | undefined =>
    Object.keys({ ...metadata.tags, ...tagRecord(tags) }).length > tagsMax
      ? refuse("Rejected.LimitExceeded", { hint: `A key has at most ${tagsMax} tags.` })
      : undefined

const isNoKey = (name: string) => invalidBecause(name, "is not the id of a key; only keys have tags on this server")

/** API: resources other than keys that may be tagged. */
export const onlyKeys = {
  SecretName: unsupported("A secret to tag instead of a key.", isNoKey),
  CertificateId: unsupported("A certificate to tag instead of a key.", isNoKey)
} as const

/** Adds tags to a key, and replaces tags with the same tag key. */
export const addTags = (call: Call, key: KeyActor, { tags, tagsMax }: Addition) =>
  // The key checks the number of tags in its turn: of two additions at once, either may exceed the limit.
  key.tell({ type: "TagResource", at: call.services.clock.now() }, causeOf(call), {
    edit: { type: "AddTags", tags: tagRecord(tags), tagsMax }
  })

/** Removes tags from a key, or all of them if no names are given. Names that it does not have are ignored. */
export const removeTags = (call: Call, key: KeyActor, names: ReadonlyArray<string> | undefined) =>
  key.tell({ type: "UntagResource", at: call.services.clock.now() }, causeOf(call), {
    edit: { type: "RemoveTags", names: names ?? null }
  })
