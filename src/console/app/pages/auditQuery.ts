/** The filter of the Audit page as its address has it, and as ListAuditRecords takes it. */

/** Text filters: name in the address, parameter of ListAuditRecords, label, member of the counts. */
export const textFilters = [
  ["principal", "Principal", "Principal", "principal"],
  ["operation", "Operation", "Operation", "operation"],
  ["outcome", "Outcome", "Outcome", "outcome"],
  ["key", "KeyId", "Key id", "keyId"]
] as const

/** Filters that are on or off: name and value in the address, parameter of ListAuditRecords, label. */
export const switches = {
  alarms: { on: "true", parameter: "AlarmsOnly", label: "Alarms only" },
  refused: { on: "true", parameter: "RefusedOnly", label: "Refused only" },
  reads: { on: "off", parameter: "WithoutReads", label: "Without reads" },
  accounts: { on: "all", parameter: "AllAccounts", label: "All accounts" }
} as const
export type SwitchName = keyof typeof switches
export const switchNames = ["reads", "refused", "alarms", "accounts"] as const satisfies ReadonlyArray<SwitchName>

/** The range of time: name in the address, parameter of ListAuditRecords, label. */
export const timeFilters = [
  ["since", "Since", "From"],
  ["until", "Until", "To (before)"]
] as const

/** Which end of the log comes first, in the address, the API, the choice, the button below the table, and the status. */
export const orders = {
  newest: {
    parameter: "NewestFirst",
    word: "Newest first",
    on: "Show older",
    all: "{count} records, newest first",
    rest: "{count} records, newest first; searched back to {time}, there is more"
  },
  oldest: {
    parameter: "OldestFirst",
    word: "Oldest first",
    on: "Show newer",
    all: "{count} records, oldest first",
    rest: "{count} records, oldest first; searched up to {time}, there is more"
  }
} as const
export type Order = keyof typeof orders

export const isOn = (query: URLSearchParams, name: SwitchName): boolean => query.get(name) === switches[name].on
export const orderIn = (query: URLSearchParams): Order => (query.get("order") === "oldest" ? "oldest" : "newest")

/** The parameters of ListAuditRecords that select records. */
export const filterIn = (query: URLSearchParams): Readonly<Record<string, string>> => {
  const texts = [...textFilters, ...timeFilters].map(
    ([name, parameter]) => [parameter, (query.get(name) ?? "").trim()] as const
  )
  return {
    ...Object.fromEntries(texts.filter(([, value]) => value !== "")),
    ...Object.fromEntries(
      switchNames.filter((name) => isOn(query, name)).map((name) => [switches[name].parameter, "true"])
    )
  }
}

/** The change of the address that removes every filter. */
export const noFilter: Readonly<Record<string, undefined>> = Object.fromEntries(
  [...textFilters.map(([name]) => name), ...timeFilters.map(([name]) => name), ...switchNames].map((name) => [
    name,
    undefined
  ])
)

/** The parameters of one page of records. */
export const wantedIn = (query: URLSearchParams): Readonly<Record<string, string>> => ({
  Limit: "200",
  Order: orders[orderIn(query)].parameter,
  ...filterIn(query)
})
