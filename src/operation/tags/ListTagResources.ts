/** Lists the tags of several CMKs, or the CMKs that have certain tags. */
import { Effect } from "effect"
import { refusalCodes } from "../../../machines/refusals.ts"
import { decodeBase64, encodeBase64 } from "../../encoding/base64.ts"
import type { KeyId } from "../../domain/ids.ts"
import { tagRowsPerPage } from "../../domain/limits.ts"
import type { Call } from "../operation.ts"
import { operation } from "../operation.ts"
import { defaulted, optional, text, wireBytesPerAsciiChar } from "../parameters.ts"
import type { Kind } from "../parameters.ts"
import { keysNamed, regionId, resourceIds, resourceType, tagRecords } from "../resources.ts"

const keysPerRead = 100

interface Tagged {
  readonly keyId: KeyId
  readonly tags: Readonly<Record<string, string>>
}

/** Every key of the realm with its tags, oldest first. */
const allTagged = Effect.fnUntraced(function* ({ realm, services: { store } }: Call) {
  const found: Array<Tagged> = []
  for (let offset = 0; ; offset += keysPerRead) {
    const { keyIds } = yield* store.keys({ realm, offset, limit: keysPerRead })
    for (const keyId of keyIds) {
      const row = yield* store.key(keyId)
      if (row?.metadata.tags !== undefined) found.push({ keyId, tags: row.metadata.tags })
    }
    if (keyIds.length < keysPerRead) return found
  }
})

/** Whether a key has all requested tags. A tag without a value compares only the key. */
const hasAll = (tags: Tagged["tags"], wanted: ReadonlyArray<Readonly<Record<string, string>>>): boolean =>
  wanted.every(({ Key = "", Value }) => Object.hasOwn(tags, Key) && (Value === undefined || tags[Key] === Value))

const utf8 = new TextEncoder()

/** The start of a page: the number of rows before it, as Base64. Without it, the first page. */
const nextToken: Kind<string, number> = {
  read: (given) => {
    const token = text({ charsMax: 64 }).read(given)
    if (token === undefined) return undefined
    const bytes = decodeBase64(token)
    const read = bytes === undefined ? "" : new TextDecoder().decode(bytes)
    return /^[1-9][0-9]{0,8}$/.test(read) ? Number(read) : undefined
  },
  form: "the NextToken of the previous page's answer",
  wireBytesMax: 64 * wireBytesPerAsciiChar
}
const tokenOf = (start: number): string => encodeBase64(utf8.encode(String(start)))

export const ListTagResources = operation({
  about: "Lists tags of the named CMKs, or of the CMKs that have certain tags; 200 tags on a page.",
  errors: ["InvalidResourceId.NotFound", "Unsupported.Alias", ...refusalCodes.ListTagResources],
  Request: {
    RegionId: regionId,
    ResourceType: resourceType,
    ResourceId: optional(resourceIds, "The key ids; all keys if absent."),
    Tag: optional(tagRecords, "Only keys that have all these tags; a tag without a value matches any value."),
    NextToken: defaulted(nextToken, 0, "Where the page begins: the NextToken of the previous page's answer.")
  },
  permission: {
    on: "found",
    says: "`kms:ListTagResources` on each key named, or on the key container if no key is named",
    checks: [{ of: "key", gate: "ListTagResources", orKeys: true }]
  },
  handle: Effect.fnUntraced(function* (request, call) {
    const { ResourceId, NextToken: start } = request
    if (ResourceId === undefined) yield* call.authorize("kms:ListTagResources", "key")
    const tagged =
      ResourceId === undefined
        ? yield* allTagged(call)
        : (yield* keysNamed(call, ResourceId, "ListTagResources")).map((key) => ({
            keyId: key.keyId,
            tags: key.metadata().tags ?? {}
          }))
    const rows = tagged
      .filter(({ tags }) => hasAll(tags, request.Tag ?? []))
      .flatMap(({ keyId, tags }) =>
        Object.entries(tags).map(([TagKey, TagValue]) => ({ ResourceId: keyId, ResourceType: "key", TagKey, TagValue }))
      )
    const end = start + tagRowsPerPage
    return {
      TagResources: { TagResource: rows.slice(start, end) },
      NextToken: end < rows.length ? tokenOf(end) : ""
    }
  })
})
