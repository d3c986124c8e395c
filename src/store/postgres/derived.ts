/** The columns that filters of keys test, copied from the JSON of the row. */
import type { KeyFilter, StoredRow } from "../../records/storedRows.ts"

export interface Derived {
  readonly spec: string
  readonly usage: string
  readonly protection: string
  readonly creator: string
  /** Names and values of tags, alternating. */
  readonly tags: ReadonlyArray<string>
}

const member = (value: unknown, name: string): unknown =>
  typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined

/** A text as the content of its JSON string: PostgreSQL can store every character of it. */
const escaped = (text: string): string => JSON.stringify(text).slice(1, -1)

const textOf = (value: unknown): string => (typeof value === "string" ? escaped(value) : "")

export const derivedOf = ({ metadata, snapshot }: StoredRow<"keys">): Derived => {
  const context = member(JSON.parse(snapshot), "context")
  const described: unknown = JSON.parse(metadata)
  const tags = member(described, "tags")
  return {
    spec: textOf(member(context, "spec")),
    usage: textOf(member(context, "usage")),
    protection: textOf(member(context, "protection")),
    creator: textOf(member(described, "creator")),
    tags: Object.entries(tags ?? {}).flatMap(([name, value]) => [escaped(name), textOf(value)])
  }
}

/** The expression that is compared with a filter's values. `$` is replaced by the parameter. */
const conditions: { readonly [Property in Exclude<keyof KeyFilter, "tagKey" | "tagValue">]: string } = {
  state: "t.state",
  spec: "t.spec",
  usage: "t.usage",
  protection: "t.protection",
  creatorType: "CASE WHEN t.service THEN 'Service' ELSE 'User' END",
  keyId: "t.id",
  creator: "t.creator"
}

export interface Condition {
  readonly sql: string
  readonly values: ReadonlyArray<ReadonlyArray<string>>
}

/** One tag must match both lists. */
const ofTags = ({ tagKey, tagValue }: KeyFilter, at: number): Condition => {
  const values = [tagKey, tagValue].flatMap((list) => (list === undefined ? [] : [list.map(escaped)]))
  const ofName = tagKey === undefined ? "true" : `t.tags[n] = ANY ($${at}::text[])`
  const ofValue = tagValue === undefined ? "true" : `t.tags[n + 1] = ANY ($${at + values.length - 1}::text[])`
  const sql = `EXISTS (SELECT FROM generate_series(1, cardinality(t.tags), 2) AS n WHERE ${ofName} AND ${ofValue})`
  return { sql, values }
}

/** The filter as a condition on row `t`. Its parameters begin at number `first`. */
export const conditionOf = (filter: KeyFilter, first: number): Condition => {
  const parts: Array<string> = []
  const values: Array<ReadonlyArray<string>> = []
  for (const [property, column] of Object.entries(conditions)) {
    const list: unknown = Reflect.get(filter, property)
    if (!Array.isArray(list)) continue
    parts.push(`${column} = ANY ($${first + values.length}::text[])`)
    values.push(list.map((value) => escaped(String(value))))
  }
  if (filter.tagKey !== undefined || filter.tagValue !== undefined) {
    const tags = ofTags(filter, first + values.length)
    parts.push(tags.sql)
    values.push(...tags.values)
  }
  return { sql: parts.length === 0 ? "true" : parts.join(" AND "), values }
}
