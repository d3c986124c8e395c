/** The table of states and operations as Markdown, as CSV and as an HTML page. */
import { escaped } from "../svg/markup.ts"
import { outcomesMarkdown, tablesOf } from "./outcomes.ts"
import type { Outcomes } from "./outcomes.ts"
import { everyOutcome, stateTableMarkdown, title, titles } from "./stateTable.ts"

export const tableFormats = ["md", "csv", "html"] as const
export type TableFormat = (typeof tableFormats)[number]

const csv = ({ rows }: Outcomes): string =>
  ["kind,operation,state,outcome", ...rows.map((row) => row.join(","))].join("\r\n") + "\r\n"

const ownOutcomes = (): Outcomes => ({ title, kinds: titles, rows: everyOutcome() })

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b2330;background:#fff}
table{border-collapse:collapse;margin:0 0 2rem}
caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{border:1px solid #d3dae5;padding:.25rem .6rem;text-align:left}
thead th{background:#f6f8fb}
td.yes{background:#e5f3e8}`

const page = (outcomes: Outcomes): string => {
  const tables = tablesOf(outcomes).map(({ title, states, operations, outcome: outcomeOf }) => {
    const cell = (operation: string, state: string): string => {
      const outcome = outcomeOf(operation, state)
      return outcome === "Success" ? '<td class="yes">\u2713 Success</td>' : `<td>\u2717 ${escaped(outcome)}</td>`
    }
    const head = ["operation", ...states].map((name) => `<th scope="col">${escaped(name)}</th>`).join("")
    const body = operations.map(
      (name) => `<tr><th scope="row">${escaped(name)}</th>${states.map((state) => cell(name, state)).join("")}</tr>`
    )
    return [
      `<table><caption>${escaped(title)}</caption>`,
      `<thead><tr>${head}</tr></thead>`,
      `<tbody>`,
      ...body,
      "</tbody></table>"
    ].join("\n")
  })
  return [
    "<!doctype html>",
    '<html lang="en"><head><meta charset="utf-8"><title>States and operations</title>',
    `<style>${style}</style></head><body><h1>${escaped(outcomes.title)}</h1>`,
    ...tables,
    "</body></html>",
    ""
  ].join("\n")
}

const writers = { md: outcomesMarkdown, csv, html: page } as const satisfies Record<
  TableFormat,
  (outcomes: Outcomes) => string
>

/** The tables in a format; those of the CMK machine unless others are given. */
export const stateTable = (format: TableFormat, outcomes?: Outcomes): string => {
  if (outcomes !== undefined) return writers[format](outcomes)
  return format === "md" ? stateTableMarkdown() : writers[format](ownOutcomes())
}
