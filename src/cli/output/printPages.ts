/** Prints a long list page by page, with only one page in memory. */
import { Console, Effect } from "effect"
import type { Shapes } from "./shapes.ts"
import { Style } from "./style.ts"
import type { Format } from "./style.ts"

export interface Listing<A> {
  /** The format if `--output` is absent. */
  readonly normally: Format
  /** The lines of one page in the table format. */
  readonly table: (page: ReadonlyArray<A>, isFirst: boolean) => ReadonlyArray<string>
}

interface Pages<A> {
  readonly start: ReadonlyArray<string>
  readonly page: (items: ReadonlyArray<A>, isFirst: boolean) => ReadonlyArray<string>
  readonly end: ReadonlyArray<string>
}

const asText = (item: unknown): string => JSON.stringify(item)

const pagesOf = <A>(format: Format, { table }: Listing<A>): Pages<A> => {
  const all: Readonly<Record<Format, Pages<A>>> = {
    table: { start: [], page: table, end: [] },
    jsonl: { start: [], page: (items) => items.map(asText), end: [] },
    json: {
      start: ["["],
      page: (items, isFirst) => items.map((item, at) => `${isFirst && at === 0 ? " " : ","} ${asText(item)}`),
      end: ["]"]
    }
  }
  return all[format]
}

/** Prints the pages that `work` produces, in the requested format. */
export const printPages = <Name extends keyof Shapes, B, E, R>(
  _shape: Name,
  listing: Listing<Shapes[Name]>,
  work: (show: (items: ReadonlyArray<Shapes[Name]>) => Effect.Effect<void>) => Effect.Effect<B, E, R>
): Effect.Effect<B, E, R> =>
  Effect.gen(function* () {
    const { format = listing.normally } = yield* Style
    const { start, page, end } = pagesOf(format, listing)
    const show = (lines: ReadonlyArray<string>) => (lines.length === 0 ? Effect.void : Console.log(lines.join("\n")))
    let isFirst = true
    yield* show(start)
    const result = yield* work((items) =>
      Effect.suspend(() => {
        const lines = page(items, isFirst)
        isFirst = isFirst && items.length === 0
        return show(lines)
      })
    )
    yield* show(end)
    return result
  })
