/** Prints what a command found, in the format that is asked for, and notes beside it. The only place that formats. */
import { Console, Effect } from "effect"
import { readable } from "./readable.ts"
import type { Shapes } from "./shapes.ts"
import { Style } from "./style.ts"
import type { Format } from "./style.ts"
import { userError } from "./userError.ts"

export interface Printed<A> {
  readonly value: A
  /** The format without `--output`. */
  readonly normally: Format
  /** The lines for people; without them one line for each value and each entry of a list. */
  readonly table?: (value: A) => ReadonlyArray<string>
  /** What `jsonl` prints a line of; without it the value. */
  readonly items?: (value: A) => ReadonlyArray<unknown>
}

const writers: Readonly<Record<Format, <A>(printed: Printed<A>) => string>> = {
  table: ({ value, table }) => (table ?? ((shown) => readable(Object(shown))))(value).join("\n"),
  json: ({ value }) => JSON.stringify(value, null, 2),
  jsonl: ({ value, items }) => (items?.(value) ?? [value]).map((item) => JSON.stringify(item)).join("\n")
}

const isLines = (format: Format): boolean => format === "jsonl"

/** Prints a reply of the service, whose members the reference of operations describes. */
export const printReply = <A>(printed: Printed<A>): Effect.Effect<void> =>
  Effect.gen(function* () {
    const format = (yield* Style).format ?? printed.normally
    const text = writers[format](printed)
    // A list without items has no lines.
    if (text !== "" || !isLines(format)) yield* Console.log(text)
  })

/** A list is wrapped twice: `{ Keys: { Key: [...] } }`. */
const entriesOf = (reply: object): ReadonlyArray<unknown> =>
  Object.values(reply).flatMap((member: unknown) =>
    Object.values(Object(member)).flatMap((inner: unknown) => (Array.isArray(inner) ? inner : []))
  )

/** How a reply of the service is printed. `jsonl` prints the entries of a list. */
export const replyOf = (operation: string, value: object, normally: Format): Printed<object> => ({
  value,
  normally,
  ...(operation.startsWith("List") ? { items: entriesOf } : {})
})

/** Prints the result of a command. `docs/command-output.md` describes its members. */
export const print = <Name extends keyof Shapes>(_shape: Name, printed: Printed<Shapes[Name]>): Effect.Effect<void> =>
  printReply(printed)

/** Prints a line beside the result, on standard error. */
export const note = (text: string): Effect.Effect<void> =>
  Effect.flatMap(Style, ({ isJson, isQuiet }) => {
    if (isQuiet) return Effect.void
    return Console.error(isJson ? JSON.stringify({ note: text }) : `keystate: ${text}`)
  })

/** For commands whose result is a document that has another format, such as a picture. */
export const onlyAs = (possible: ReadonlyArray<Format>, why: string) =>
  Effect.flatMap(Style, ({ format }) =>
    format === undefined || possible.includes(format)
      ? Effect.void
      : Effect.fail(userError(`--output ${format} is not possible: ${why}`))
  )
