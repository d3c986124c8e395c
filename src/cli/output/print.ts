/** Prints a command's result in the requested format, and notes. Only this file formats results. */
import { Console, Effect } from "effect"
import { readable } from "./readable.ts"
import type { Shapes } from "./shapes.ts"
import { Style } from "./style.ts"
import type { Format } from "./style.ts"
import { userError } from "./userError.ts"

export interface Printed<A> {
  readonly value: A
  /** The format if `--output` is absent. */
  readonly normally: Format
  /** The lines of the table format; without it, one line for each value and each list entry. */
  readonly table?: (value: A) => ReadonlyArray<string>
  /** The values that `jsonl` prints, one per line; without it, the whole value. */
  readonly items?: (value: A) => ReadonlyArray<unknown>
}

const writers: Readonly<Record<Format, <A>(printed: Printed<A>) => string>> = {
  table: ({ value, table }) => (table ?? ((shown) => readable(Object(shown))))(value).join("\n"),
  json: ({ value }) => JSON.stringify(value, null, 2),
  jsonl: ({ value, items }) => (items?.(value) ?? [value]).map((item) => JSON.stringify(item)).join("\n")
}

const isLines = (format: Format): boolean => format === "jsonl"

/** Prints a reply of the service. The operations reference describes its members. */
export const printReply = <A>(printed: Printed<A>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const format = (yield* Style).format ?? printed.normally
    const text = writers[format](printed)
    // An empty list has no lines.
    if (text !== "" || !isLines(format)) yield* Console.log(text)
  })

/** A list is wrapped twice: `{ Keys: { Key: [...] } }`. */
const entriesOf = (reply: object): ReadonlyArray<unknown> =>
  Object.values(reply).flatMap((member: unknown) =>
    Object.values(Object(member)).flatMap((inner: unknown) => (Array.isArray(inner) ? inner : []))
  )

/** How to print a reply of the service. `jsonl` prints the entries of a list. */
export const replyOf = (operation: string, value: object, normally: Format): Printed<object> => ({
  value,
  normally,
  ...(operation.startsWith("List") ? { items: entriesOf } : {})
})

/** Prints the result of a command. `docs/command-output.md` describes its members. */
export const print = <Name extends keyof Shapes>(_shape: Name, printed: Printed<Shapes[Name]>): Effect.Effect<void> =>
  printReply(printed)

/** Prints a note on standard error. */
export const note = (text: string): Effect.Effect<void> =>
  Effect.flatMap(Style, ({ isJson, isQuiet }) => {
    if (isQuiet) return Effect.void
    return Console.error(isJson ? JSON.stringify({ note: text }) : `keystate: ${text}`)
  })

/** For commands whose result is a document with its own format, such as a picture. */
export const onlyAs = (possible: ReadonlyArray<Format>, why: string) =>
  Effect.flatMap(Style, ({ format }) =>
    format === undefined || possible.includes(format)
      ? Effect.void
      : Effect.fail(userError(`--output ${format} is not possible: ${why}`))
  )
