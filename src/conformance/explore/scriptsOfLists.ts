/** Sequences that read lists page by page, to the end and one page further. */
import type { OperationName, Profile } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import type { Session } from "../run/testTarget.ts"
import type { Filter, Step } from "../steps/step.ts"
import { key, make, text } from "./writing.ts"
import type { Script } from "./writing.ts"

type Source = (session: Session, taken: number) => Step | undefined

/** A list to read, and the steps after its first page. */
interface Reading {
  readonly page: Step & { readonly list: string; readonly size: number }
  readonly meanwhile?: Script
}

/** A server with many other keys has more pages than the suite reads. */
const pagesMax = 30

/** The next page: up to the end, and one more. Undefined after that. */
const nextPage = ({ model }: Session, { page }: Reading): Step | undefined => {
  const listing = model.listings.get(page.list)
  const read = listing?.pages.size ?? 0
  const last = listing === undefined ? 1 : Math.ceil(listing.total / page.size) + 1
  return read >= Math.min(last, pagesMax) ? undefined : { ...page, page: read + 1 }
}

/** Runs the first steps, then reads the lists one after another. The answers so far decide which page is next. */
const readingOf = (lead: Script, readings: ReadonlyArray<Reading>): Source => {
  let waiting: Array<Step> = []
  let left: Array<Reading> = []
  let asked: Step | undefined
  return (session, taken) => {
    if (taken === 0) [waiting, left, asked] = [[...lead], [...readings], undefined]
    const due = waiting.shift()
    if (due !== undefined) return due
    for (let reading = left[0]; reading !== undefined; reading = left[0]) {
      const next = nextPage(session, reading)
      // A page that was refused is not requested again.
      const isAgain = next !== undefined && next.list === asked?.list && next.page === asked?.page
      if (next !== undefined && !isAgain) {
        if (next.page === 1) waiting = [...(reading.meanwhile ?? [])]
        asked = next
        return next
      }
      left.shift()
    }
    return undefined
  }
}

const listing = (op: OperationName, list: string, size: number, more: Partial<Step> = {}): Reading => ({
  page: { op, list, size, ...more }
})

const filter = (Key: Filter["Key"], ...Values: ReadonlyArray<string>): Filter => ({ Key, Values })

const filters = (kinds: ReadonlyArray<string>, hasAliases: boolean): ReadonlyArray<ReadonlyArray<Filter>> => [
  [filter("KeyId", "k1", "k3")],
  [filter("KeyId", "k1", "k2"), filter("KeyState", "Disabled")],
  ...(hasAliases
    ? [
        [filter("AliasName", "a1", "a2")],
        [filter("AliasName", "a1"), filter("KeyId", "k1", "k2")],
        [filter("AliasName", "a1"), filter("KeyId", "k2")]
      ]
    : []),
  [filter("KeyState", "Enabled")],
  [filter("KeyState", "Disabled", "PendingDeletion")],
  [filter("KeyState", "PendingDeletion"), filter("KeyUsage", "ENCRYPT/DECRYPT")],
  [filter("KeyState", "Disabled"), filter("KeyState", "Enabled"), filter("CreatorType", "User")],
  [filter("CreatorType", "Service")],
  [filter("TagKey", "list")],
  [filter("TagKey", "list"), filter("TagValue", "two")],
  [filter("TagValue", "one", "two")],
  [filter("ProtectionLevel", "SOFTWARE", "HSM"), filter("KeyState", "Disabled")],
  ...(kinds.includes("EC_P256")
    ? [
        [filter("KeySpec", "EC_P256")],
        [filter("KeyUsage", "SIGN/VERIFY"), filter("KeyState", "Enabled", "Disabled")],
        [filter("KeySpec", "Aliyun_AES_256", "EC_P256"), filter("KeyUsage", "ENCRYPT/DECRYPT")]
      ]
    : [])
]

const keysOf = ({ window }: Dialect, kinds: ReadonlyArray<string>): Script => [
  ...["k1", "k2", "k3", "k4", "k5"].map((label) => make(label)),
  ...(kinds.includes("EC_P256") ? [make("k6", "EC_P256")] : []),
  { op: "DisableKey", key: "k2" },
  { op: "ScheduleKeyDeletion", key: "k3", days: window.minimum },
  { op: "TagResource", key: "k4", tags: { list: "one", other: "two" } },
  { op: "TagResource", key: "k5", tags: { list: "two" } },
  { op: "TagResource", key: "k1", tags: { lists: "two" } }
]

const edges = (op: OperationName, more: Partial<Step> = {}): Script =>
  (["pageZero", "pageTooSmall", "pageTooLarge"] as const).map((twist): Step => ({ op, twist, ...more }))

const aliasNames = ["a1", "a2", "a3", "a4", "a5"]

export const listScripts = (
  dialect: Dialect,
  { has, kinds }: { readonly has: (profile: Profile) => boolean; readonly kinds: ReadonlyArray<string> }
): ReadonlyArray<Source> => {
  if (!dialect.pages) return []
  return [
    readingOf(
      [
        ...keysOf(dialect, kinds),
        ...(has("aliases")
          ? ([
              { op: "CreateAlias", key, alias: "a1" },
              { op: "CreateAlias", key: "k2", alias: "a2" }
            ] as const)
          : []),
        ...edges("ListKeys")
      ],
      [
        ...[100, 1, 3, 7].map((size, index) => listing("ListKeys", `l${index + 1}`, size)),
        ...filters(kinds, has("aliases")).map((given, index) =>
          listing("ListKeys", `l${index + 10}`, 100, { filters: given })
        ),
        listing("ListKeys", "l50", 2, { filters: [filter("KeyState", "Enabled")] })
      ]
    ),
    readingOf(
      [make(key), make("k2"), make("k3")],
      [
        { ...listing("ListKeys", "l1", 2), meanwhile: [make("k4"), make("k5")] },
        { ...listing("ListKeys", "l2", 3), meanwhile: [make("k6")] }
      ]
    ),
    ...(has("aliases")
      ? [
          readingOf(
            [
              make(key),
              make("k2"),
              ...aliasNames.map((alias): Step => ({ op: "CreateAlias", key, alias })),
              { op: "CreateAlias", key: "k2", alias: "a6" },
              { op: "Encrypt", by: "a6", text },
              ...edges("ListAliases"),
              ...edges("ListAliasesByKeyId", { key })
            ],
            [
              ...[100, 2, 5].map((size, index) => listing("ListAliases", `l${index + 1}`, size)),
              ...[101, 1, 2, 5].map((size, index) => listing("ListAliasesByKeyId", `l${index + 5}`, size, { key })),
              listing("ListAliasesByKeyId", "l9", 2, { key: "k2" })
            ]
          )
        ]
      : []),
    ...(has("rotation") && dialect.shows.versions
      ? [
          readingOf(
            [
              make(key, "symmetric", { days: dialect.rotationDays.minimum }),
              { op: "Advance", key, millis: 3 * dialect.rotationDays.minimum * 86_400_000 + 1000 },
              { op: "ListKeyVersions", key },
              ...edges("ListKeyVersions", { key })
            ],
            [101, 1, 2, 4].map((size, index) => listing("ListKeyVersions", `l${index + 1}`, size, { key }))
          )
        ]
      : [])
  ]
}
