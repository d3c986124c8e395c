/** What the pages of a list should contain, alone and together. */
import type { LawId } from "../lawbook/laws.ts"
import { kindOf } from "../model/kinds.ts"
import { stateOf } from "../model/model.ts"
import type { Listing, ModelKey } from "../model/model.ts"
import { listOf, textOf } from "../steps/reply.ts"
import type { Reply } from "../steps/reply.ts"
import { smallPage } from "../steps/pages.ts"
import type { Filter, Step } from "../steps/step.ts"
import { alwaysRefused, test } from "./prediction.ts"
import type { Accepted, PredictedCall, Predict, Prediction, Tested } from "./prediction.ts"

type ListOperation = "ListKeys" | "ListAliases" | "ListAliasesByKeyId" | "ListKeyVersions"

/** The entries that a list must contain, and those that it must not contain. */
interface Wanted {
  readonly there: ReadonlyArray<string>
  readonly gone: ReadonlyArray<string>
  /** The list contains only the entries in `there`. */
  readonly count?: number
}

interface List {
  readonly entries: string
  readonly id: string
  readonly wanted: (asked: PredictedCall) => Wanted
}

const idsOf = ({ names }: PredictedCall, keys: ReadonlyArray<ModelKey>): ReadonlyArray<string> =>
  keys.flatMap(({ label }) => names.of(label) ?? [])

type Known = Pick<PredictedCall, "names" | "model">
type Matches = (key: ModelKey, values: ReadonlyArray<string>, known: Known) => boolean

/** The attribute that each filter tests; filters of tags are tested together. */
const matching: Readonly<Record<Exclude<Filter["Key"], "TagKey" | "TagValue">, Matches>> = {
  KeyState: (key, values) => values.includes(stateOf(key)),
  KeySpec: (key, values) => values.includes(kindOf(key.kind).identity.spec),
  KeyUsage: (key, values) => values.includes(kindOf(key.kind).identity.usage),
  ProtectionLevel: (key, values, { names }) => values.includes(names.of(`${key.label}.ProtectionLevel`) ?? ""),
  CreatorType: (key, values) => values.includes(kindOf(key.kind).identity.serviceKey ? "Service" : "User"),
  KeyId: ({ label }, values) => values.includes(label),
  AliasName: ({ label }, values, { model }) => values.some((alias) => model.aliases.get(alias) === label)
}

/** Values of filters with the same name are alternatives. Undefined if there is no such filter. */
const valuesOf = (filters: ReadonlyArray<Filter>, name: Filter["Key"]): ReadonlyArray<string> | undefined => {
  const found = filters.filter(({ Key }) => Key === name)
  return found.length === 0 ? undefined : found.flatMap(({ Values }) => Values)
}

/** One tag must match both of its filters. */
const hasTag = ({ tags }: ModelKey, filters: ReadonlyArray<Filter>): boolean => {
  const [keys, values] = [valuesOf(filters, "TagKey"), valuesOf(filters, "TagValue")]
  if (keys === undefined && values === undefined) return true
  return Object.entries(tags).some(
    ([name, value]) => keys?.includes(name) !== false && values?.includes(value) !== false
  )
}

/** Filters with different names must all match. */
const isMatch = (key: ModelKey, filters: ReadonlyArray<Filter>, known: Known): boolean =>
  hasTag(key, filters) &&
  filters.every(
    ({ Key }) => Key === "TagKey" || Key === "TagValue" || matching[Key](key, valuesOf(filters, Key) ?? [], known)
  )

const keysWanted = (asked: PredictedCall): Wanted => {
  const { model, step } = asked
  const known = [...model.keys.values()].filter(({ label, place }) => !model.lost.has(label) && place === step.from)
  const isThere = (key: ModelKey): boolean => stateOf(key) !== "Deleted" && isMatch(key, step.filters ?? [], asked)
  return {
    there: idsOf(
      asked,
      known.filter((key) => isThere(key))
    ),
    gone: idsOf(
      asked,
      known.filter((key) => !isThere(key))
    )
  }
}

const aliasesWanted = ({ model, names, step }: PredictedCall): Wanted => {
  const bound = [...model.aliases].filter(
    ([alias, key]) => ![alias, key].some((label) => model.lost.has(label)) && model.keys.get(key)?.place === step.from
  )
  const own = step.op === "ListAliases" ? bound : bound.filter(([, key]) => key === step.key)
  const there = own.map(([alias]) => names.alias(alias))
  return { there, gone: [], ...(step.op === "ListAliases" ? {} : { count: there.length }) }
}

const versionsWanted = ({ model, names, step }: PredictedCall): Wanted => {
  const versions = model.keys.get(step.key ?? "")?.versions ?? []
  return { there: versions.flatMap(({ label }) => names.of(label) ?? []), gone: [], count: versions.length }
}

const lists: Readonly<Record<ListOperation, List>> = {
  ListKeys: { entries: "Keys.Key", id: "KeyId", wanted: keysWanted },
  ListAliases: { entries: "Aliases.Alias", id: "AliasName", wanted: aliasesWanted },
  ListAliasesByKeyId: { entries: "Aliases.Alias", id: "AliasName", wanted: aliasesWanted },
  ListKeyVersions: { entries: "KeyVersions.KeyVersion", id: "KeyVersionId", wanted: versionsWanted }
}

const isList = (op: Step["op"]): op is ListOperation => Object.hasOwn(lists, op)

/** A page of a list, as the service returned it. */
interface Page {
  readonly number: number
  readonly size: number
  readonly ids: ReadonlyArray<string>
  readonly total: number | undefined
}

const pageOf = ({ step }: PredictedCall, { entries, id }: List, reply: Reply): Page => {
  const total = textOf(reply, "TotalCount")
  return {
    number: step.page ?? 1,
    size: step.size ?? smallPage,
    ids: listOf(reply, entries).map((entry) => textOf(entry, id) ?? ""),
    total: total === undefined ? undefined : Number(total)
  }
}

/** The list with this page added; the first page starts it again. */
const withPage = (asked: PredictedCall, list: List, page: Page): Listing => {
  const known = page.number === 1 ? undefined : asked.model.listings.get(asked.step.list ?? "")
  return {
    size: page.size,
    pages: new Map([...(known?.pages ?? []), [page.number, page.ids]]),
    total: known?.total ?? page.total ?? page.ids.length,
    expected: known?.expected ?? list.wanted(asked).there,
    changes: known?.changes ?? asked.model.changes
  }
}

const isComplete = ({ pages, size, total }: Listing): boolean =>
  Array.from({ length: Math.ceil(total / size) }, (_, index) => index + 1).every((page) => pages.has(page))

/** The checks on a single page. */
const pageTold = (page: Page, reply: Reply, { total }: Listing): ReadonlyArray<Tested> => {
  const { number, size, ids } = page
  const due = Math.max(0, Math.min(size, total - (number - 1) * size))
  const echo = (member: string, sent: number): ReadonlyArray<Tested> => {
    const told = textOf(reply, member)
    return told === undefined
      ? []
      : [test("KMS-LST-006", told === String(sent), () => `${member} is ${told}, and ${sent} was sent.`)]
  }
  const lawOfLast: LawId = due === 0 ? "KMS-LST-005" : "KMS-LST-004"
  return [
    ...echo("PageNumber", number),
    ...echo("PageSize", size),
    test(
      number * size < total ? "KMS-LST-001" : lawOfLast,
      ids.length === due,
      () => `Page ${number} of ${size} entries holds ${ids.length} of ${total} entries in all; it should hold ${due}.`
    )
  ]
}

/** The first entry that appears twice. */
const twiceIn = (entries: ReadonlyArray<string>): string | undefined =>
  entries.find((entry, index) => entries.indexOf(entry) !== index)

const wantedIn = (asked: PredictedCall, wanted: Wanted, all: ReadonlyArray<string>): ReadonlyArray<Tested> => {
  const law: LawId = asked.step.filters === undefined ? "KMS-LST-004" : "KMS-LST-008"
  const missing = wanted.there.find((id) => !all.includes(id))
  const wrong = wanted.gone.find((id) => all.includes(id))
  return [
    test(law, missing === undefined, () => `${missing} is on no page.`),
    test(law, wrong === undefined, () => `${wrong} is on a page.`),
    ...(wanted.count === undefined
      ? []
      : [test(law, all.length === wanted.count, () => `The pages hold ${all.length} entries, not ${wanted.count}.`)])
  ]
}

/** Pages that were read without changes in between. */
const calmTold = (asked: PredictedCall, list: List, listing: Listing, page: Page): ReadonlyArray<Tested> => {
  const all = [...listing.pages.values()].flat()
  const again = twiceIn(all)
  return [
    test("KMS-LST-002", again === undefined, () => `${again} is on two pages.`),
    ...(page.total === undefined
      ? []
      : [
          test(
            "KMS-LST-003",
            page.total === listing.total,
            () => `Page ${page.number} shows a total of ${page.total} entries, and the first page ${listing.total}.`
          )
        ]),
    ...(isComplete(listing) ? wantedIn(asked, list.wanted(asked), all) : [])
  ]
}

/** During these reads keys are only added, so each key that existed before must be on one page. */
const grownTold = (asked: PredictedCall, listing: Listing, page: Page): ReadonlyArray<Tested> => {
  const all = [...listing.pages.values()].flat()
  const isOver = page.ids.length < page.size
  if (asked.step.op !== "ListKeys" || asked.clock !== "virtual" || !isOver) return []
  const still = new Set(
    idsOf(
      asked,
      [...asked.model.keys.values()].filter((key) => stateOf(key) !== "Deleted")
    )
  )
  const missing = listing.expected.find((id) => still.has(id) && !all.includes(id))
  const again = twiceIn(all)
  return [
    test("KMS-LST-009", missing === undefined, () => `${missing} is on no page.`),
    test("KMS-LST-009", again === undefined, () => `${again} is on two pages.`)
  ]
}

const listedTold = (asked: PredictedCall, list: List, reply: Reply): ReadonlyArray<Tested> => {
  const page = pageOf(asked, list, reply)
  const listing = withPage(asked, list, page)
  if (page.number > 1 && !asked.model.listings.has(asked.step.list ?? "")) return []
  if (listing.changes !== asked.model.changes) return grownTold(asked, listing, page)
  return [...pageTold(page, reply, listing), ...calmTold(asked, list, listing, page)]
}

const outOfRange: ReadonlySet<string | undefined> = new Set(["pageZero", "pageTooSmall", "pageTooLarge"])

/** What the model expects of a page of a list; undefined for other steps. */
const listed = (asked: PredictedCall, prediction: Prediction): Prediction | undefined => {
  const { op, list: label, twist } = asked.step
  if (!isList(op)) return undefined
  const key = prediction.key === undefined ? undefined : asked.model.keys.get(prediction.key)
  if (prediction.accept === undefined || prediction.refuse !== undefined) return undefined
  if (outOfRange.has(twist)) return alwaysRefused(key, "KMS-LST-007", ["InvalidParameter"])
  if (label === undefined) return undefined
  const list = lists[op]
  const accept: Accepted = {
    law: asked.step.size === undefined ? "KMS-LST-001" : "KMS-LST-007",
    check: (reply) => listedTold(asked, list, reply),
    apply: (model, reply) => void model.listings.set(label, withPage(asked, list, pageOf(asked, list, reply)))
  }
  return { ...prediction, accept }
}

/** A predictor of a list, extended to pages. */
export const paged =
  (predict: Predict): Predict =>
  (asked) => {
    const prediction = predict(asked)
    return prediction === undefined ? undefined : (listed(asked, prediction) ?? prediction)
  }
