/** Replies as text: one line for each value and for each list entry. */

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** `AccessKeySecret` as `access key secret`. */
const label = (name: string): string => name.replaceAll(/(?<=[a-z])(?=[A-Z])/g, " ").toLowerCase()

export const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)))
  return rows.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  ")
  )
}

const plain = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""))

const table = (items: ReadonlyArray<unknown>): ReadonlyArray<string> => {
  const records = items.filter(isRecord)
  const names = Object.keys(records[0] ?? {})
  if (names.length === 0) return ["none"]
  return columns([names.map(label), ...records.map((record) => names.map((name) => plain(record[name])))])
}

const isShown = ([name]: readonly [string, unknown]): boolean => name !== "RequestId" && !name.startsWith("Page")

/** The lines of a reply: its values, then its lists. A list is wrapped twice: `{ Users: { User: [...] } }`. */
export const readable = (reply: object): ReadonlyArray<string> => {
  const members = Object.entries<unknown>({ ...reply }).filter(isShown)
  const values = members.filter(([, value]) => !isRecord(value)).map(([name, value]) => [label(name), plain(value)])
  const inner = members.flatMap(([, value]) => {
    if (!isRecord(value)) return []
    const [only, ...others] = Object.values(value)
    return others.length === 0 && Array.isArray(only) ? table(only) : readable(value)
  })
  return [...columns(values), ...inner]
}
