/** Lists the CMKs of the account in the region, oldest first. */
import { Effect, Option, Schema } from "effect"
import { keyArn } from "../domain/ids.ts"
import { KeySpec, KeyUsage, ProtectionLevel } from "../domain/keySpec.ts"
import { filtersMax } from "../domain/limits.ts"
import { strictJsonValue } from "../domain/strictJson.ts"
import type { KeyFilter } from "../store/store.ts"
import { operation } from "./operation.ts"
import { offsetOf, paging } from "./paging.ts"
import { optional, text } from "./parameters.ts"

const decodeFilters = Schema.decodeUnknownOption(
  Schema.Array(Schema.Struct({ Key: Schema.String, Values: Schema.Array(Schema.String) })),
  { onExcessProperty: "error" }
)

/** Filters by the names of the API: what each looks at, and the words it knows. */
const properties: ReadonlyMap<string, { readonly of: keyof KeyFilter; readonly words: ReadonlyArray<string> }> =
  new Map([
    ["KeyState", { of: "state", words: ["Enabled", "Disabled", "PendingDeletion", "PendingImport"] }],
    ["KeySpec", { of: "spec", words: KeySpec.literals }],
    ["KeyUsage", { of: "usage", words: KeyUsage.literals }],
    ["ProtectionLevel", { of: "protection", words: ProtectionLevel.literals }],
    ["CreatorType", { of: "creatorType", words: ["User", "Service"] }]
  ])

/** Values of one key are joined by or, also where the key comes more than once; different keys by and (API, ListKeys). */
const readFilters = (json: string): KeyFilter | undefined => {
  const filters = Option.getOrUndefined(decodeFilters(strictJsonValue(json, { is: "a list of filters", depthMax: 3 })))
  if (filters === undefined || filters.length > filtersMax) return undefined
  const filter: { -readonly [property in keyof KeyFilter]: ReadonlyArray<string> } = {}
  for (const { Key, Values } of filters) {
    const property = properties.get(Key)
    if (property === undefined || Values.length > filtersMax) return undefined
    if (Values.some((value) => !property.words.includes(value))) return undefined
    // A key without values asks for nothing.
    if (Values.length > 0) filter[property.of] = [...(filter[property.of] ?? []), ...Values]
  }
  return filter
}

const filters = {
  read: (given: unknown): KeyFilter | undefined => {
    const json = text({ charsMin: 2, charsMax: 8192 }).read(given)
    return json === undefined ? undefined : readFilters(json)
  },
  form: `JSON array of \`{"Key":"…","Values":["…"]}\`; keys ${[...properties.keys()].join(", ")}`
} as const

export const ListKeys = operation({
  about: "Lists the CMKs of the account in the region, oldest first.",
  Request: { ...paging, Filters: optional(filters, "Which keys; all of them if absent.") },
  permission: { on: "keys" },
  handle: Effect.fnUntraced(function* (request, call) {
    const { total, keyIds } = yield* call.world.store.keys({
      realm: call.realm,
      offset: offsetOf(request),
      limit: request.PageSize,
      ...(request.Filters === undefined ? {} : { filter: request.Filters })
    })
    return {
      Keys: { Key: keyIds.map((keyId) => ({ KeyId: keyId, KeyArn: keyArn(call.realm, keyId) })) },
      TotalCount: total,
      PageNumber: request.PageNumber,
      PageSize: request.PageSize
    }
  })
})
