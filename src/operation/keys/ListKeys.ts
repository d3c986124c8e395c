/** Lists the CMKs of the account in the region, oldest first. */
import { livingStates } from "../../../machines/vocabulary.ts"
import { Effect, Option, Schema } from "effect"
import { isKeyId, keyArn } from "../../domain/ids.ts"
import type { Realm } from "../../domain/ids.ts"
import { KeySpec, KeyUsage, ProtectionLevel } from "../../domain/keySpec.ts"
import { filtersCharsMax, filtersMax, tagValueCharsMax } from "../../domain/limits.ts"
import { strictJsonValue } from "../../encoding/strictJson.ts"
import type { KeyFilter } from "../../store/store.ts"
import { operation } from "../operation.ts"
import { offsetOf, paging } from "../paging.ts"
import { recordsFault } from "../jsonFault.ts"
import { asJson, optional, text, textFault, wireBytesPerEscapedChar } from "../parameters.ts"
import type { Kind } from "../parameters.ts"

const decodeFilters = Schema.decodeUnknownOption(
  Schema.Array(Schema.Struct({ Key: Schema.String, Values: Schema.Array(Schema.String) })),
  { onExcessProperty: "error" }
)

interface Property {
  readonly of: keyof KeyFilter
  /** The known values; undefined if any text is allowed. */
  readonly words?: ReadonlyArray<string>
}

/** Filters by their API names: the property that each compares, and its known values. */
const propertiesByName = {
  KeyState: { of: "state", words: livingStates },
  KeySpec: { of: "spec", words: KeySpec.literals },
  KeyUsage: { of: "usage", words: KeyUsage.literals },
  ProtectionLevel: { of: "protection", words: ProtectionLevel.literals },
  CreatorType: { of: "creatorType", words: ["User", "Service"] },
  KeyId: { of: "keyId" },
  AliasName: { of: "alias" },
  Creator: { of: "creator" },
  TagKey: { of: "tagKey" },
  TagValue: { of: "tagValue" },
  DKMSInstanceId: { of: "instance" }
} as const satisfies Record<string, Property>
const properties: ReadonlyMap<string, Property> = new Map<string, Property>(Object.entries(propertiesByName))
/** The vendor's page also uses this spelling. */
const otherSpellings: ReadonlyMap<string, string> = new Map([["keyId", "KeyId"]])

const propertyOf = (key: string): Property | undefined => properties.get(otherSpellings.get(key) ?? key)

interface Filter {
  readonly Key: string
  readonly Values: ReadonlyArray<string>
}

const list = (words: Iterable<string>): string => [...words].join(", ")

/** The fault of one filter, as the end of a sentence. */
const filterFault = ({ Key, Values }: Filter): string | undefined => {
  const property = propertyOf(Key)
  if (property === undefined)
    return `has the unknown Key ${Key.slice(0, 64)}; the known keys are ${list(properties.keys())}`
  if (Values.length > filtersMax) return `has ${Values.length} Values; the limit is ${filtersMax}`
  const wrong = Values.find((value) => property.words?.includes(value) === false)
  return wrong === undefined
    ? undefined
    : `has the unknown value ${wrong.slice(0, 64)}; the known values of ${Key} are ${list(property.words ?? [])}`
}

/** The fault of filters that are well-formed. */
const filtersFault = (filters: ReadonlyArray<Filter>): string | undefined => {
  if (filters.length > filtersMax) return `has ${filters.length} filters; the limit is ${filtersMax}`
  for (const [at, filter] of filters.entries()) {
    const fault = filterFault(filter)
    if (fault !== undefined) return `item ${at + 1} ${fault}`
  }
  return undefined
}

/** Values of one key are combined by OR, even if the key is repeated; different keys by AND (API, ListKeys). */
const joined = (filters: ReadonlyArray<Filter>): KeyFilter => {
  const filter: { -readonly [property in keyof KeyFilter]: ReadonlyArray<string> } = {}
  for (const { Key, Values } of filters) {
    const property = propertyOf(Key)
    // A key without values does not filter.
    if (property === undefined || Values.length === 0) continue
    filter[property.of] = [...(filter[property.of] ?? []), ...Values]
  }
  return filter
}

const filtersText = text({ charsMin: 2, charsMax: filtersCharsMax })

const filtersIn = (json: string): ReadonlyArray<Filter> | undefined =>
  Option.getOrUndefined(decodeFilters(strictJsonValue(json, { is: "a list of filters", depthMax: 3 })))

const filters: Kind<
  ReadonlyArray<{ readonly Key: keyof typeof propertiesByName; readonly Values: ReadonlyArray<string> }> | string,
  KeyFilter
> = {
  read: (given) => {
    const json = filtersText.read(given)
    const read = json === undefined ? undefined : filtersIn(json)
    return read === undefined || filtersFault(read) !== undefined ? undefined : joined(read)
  },
  isList: true,
  form: `JSON array of \`{"Key":"…","Values":["…"]}\`, up to ${filtersMax} of up to ${filtersMax} values. Keys: ${list(properties.keys())}`,
  fault: (given) => {
    const fault = textFault(given, { charsMin: 2, charsMax: filtersCharsMax })
    if (fault !== undefined) return fault
    return (
      recordsFault(String(given), { Key: "string", Values: "strings" }) ?? filtersFault(filtersIn(String(given)) ?? [])
    )
  },
  wireBytesMax: filtersMax * filtersMax * (tagValueCharsMax * wireBytesPerEscapedChar + 4),
  structured: asJson("an array of filters")
}

/** Replaces the ARN of a key of the realm by its id. */
const byId = (filter: KeyFilter, realm: Realm): KeyFilter =>
  filter.keyId === undefined
    ? filter
    : { ...filter, keyId: filter.keyId.map((reference) => idIn(reference, realm) ?? reference) }

const idIn = (arn: string, realm: Realm): string | undefined => {
  const id = arn.slice(arn.lastIndexOf("/") + 1)
  return isKeyId(id) && keyArn(realm, id) === arn ? id : undefined
}

export const ListKeys = operation({
  about: "Lists the CMKs of the account in the region, oldest first.",
  errors: [],
  Request: {
    ...paging,
    Filters: optional(filters, "Filters; all keys if absent. One tag must match both TagKey and TagValue.")
  },
  permission: { on: "keys" },
  handle: Effect.fnUntraced(function* (request, call) {
    const { total, keyIds } = yield* call.services.store.keys({
      realm: call.realm,
      offset: offsetOf(request),
      limit: request.PageSize,
      ...(request.Filters === undefined ? {} : { filter: byId(request.Filters, call.realm) })
    })
    return {
      Keys: { Key: keyIds.map((keyId) => ({ KeyId: keyId, KeyArn: keyArn(call.realm, keyId) })) },
      TotalCount: total,
      PageNumber: request.PageNumber,
      PageSize: request.PageSize
    }
  })
})
