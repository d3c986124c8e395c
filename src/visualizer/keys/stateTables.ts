/** The table of states and operations as Markdown, as CSV and as an HTML page. */
import { escaped } from "../svg/markup.ts"
import { everyOutcome, stateTableMarkdown, titles } from "./stateTable.ts"

export const tableFormats = ["md", "csv", "html"] as const
export type TableFormat = (typeof tableFormats)[number]

const csv = (): string =>
  ["kind,operation,state,outcome", ...everyOutcome().map((row) => row.join(","))].join("\r\n") + "\r\n"

const style = `body{font:15px/1.5 system-ui,sans-serif;margin:2rem;color:#1b2330;background:#fff}
table{border-collapse:collapse;margin:0 0 2rem}
caption{text-align:left;font-weight:600;padding:.5rem 0}
th,td{border:1px solid #d3dae5;padding:.25rem .6rem;text-align:left}
thead th{background:#f6f8fb}
td.yes{background:#e5f3e8}`

const page = (): string => {
  const rows = everyOutcome()
  const tables = Object.entries(titles).map(([kind, title]) => {
    const own = rows.filter(([of]) => of === kind)
    const states = [...new Set(own.map(([, , state]) => state))]
    const operations = [...new Set(own.map(([, operation]) => operation))]
    const cell = (operation: string, state: string): string => {
      const outcome = own.find(([, name, at]) => name === operation && at === state)?.[3] ?? ""
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
    `<style>${style}</style></head><body><h1>What is legal in which state</h1>`,
    ...tables,
    "</body></html>",
    ""
  ].join("\n")
}

const writers = { md: stateTableMarkdown, csv, html: page } as const satisfies Record<TableFormat, () => string>

export const stateTable = (format: TableFormat): string => writers[format]()
