/** A map of the coverage: operations by states. Each cell has a sign, a word and a colour. */
import { around, leaf, saying } from "../../../visualizer/svg/markup.ts"
import type { Cell, Coverage, Reached } from "../report.ts"
import { stateOrder } from "../stateOrder.ts"

type Sign = Cell["status"] | "half"

const signs = {
  right: { sign: "●", word: "right", look: "good" },
  wrong: { sign: "✗", word: "wrong", look: "bad" },
  half: { sign: "◐", word: "only accepted or only refused", look: "half" },
  unspecified: { sign: "?", word: "not defined by the guide", look: "quiet" },
  unreached: { sign: "·", word: "not reached", look: "quiet" }
} as const satisfies Record<Sign, unknown>

/** An operation that always succeeded, or never did, although the model has both cases, is only half tested. */
const isHalf = (row: ReadonlyArray<Cell>): boolean => {
  const accepts = (texts: ReadonlyArray<string>, wanted: boolean): boolean =>
    texts.some((text) => (text === "Success") === wanted)
  const expected = row.map((cell) => cell.expected).filter((text) => text !== "")
  const seen = row.flatMap((cell) => cell.seen)
  const both = accepts(expected, true) && accepts(expected, false)
  return both && seen.length > 0 && !(accepts(seen, true) && accepts(seen, false))
}

const cellMarkup = (cell: Cell | undefined, half: boolean): string => {
  if (cell === undefined) return leaf("td", {}).replace("/>", "></td>")
  const { sign, word, look } = signs[cell.status === "right" && half ? "half" : cell.status]
  const title = `${cell.calls} calls; expected ${cell.expected}; seen ${cell.seen.join(", ") || "nothing"}`
  return around("td", { class: cell.status, title }, [
    saying("span", { class: `sign ${look}`, "aria-hidden": "true" }, sign),
    saying("span", { class: "away" }, `${word}. ${title}`)
  ])
}

const mapOf = (kind: string, cells: ReadonlyArray<Cell>): string => {
  const states = stateOrder.filter((state) => cells.some((cell) => cell.state === state))
  const operations = [...new Set(cells.map(({ operation }) => operation))]
  const head = around("tr", {}, [
    saying("th", { scope: "col" }, "Operation"),
    ...states.map((state) => saying("th", { scope: "col" }, state))
  ])
  const rows = operations.map((operation) => {
    const row = cells.filter((cell) => cell.operation === operation)
    const half = isHalf(row)
    return around("tr", {}, [
      saying("th", { scope: "row" }, row[0]?.called ?? operation),
      ...states.map((state) =>
        cellMarkup(
          row.find((cell) => cell.state === state),
          half
        )
      )
    ])
  })
  return around("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": `Coverage of ${kind} keys` }, [
    around("table", { class: "map" }, [
      saying("caption", {}, `${kind} keys`),
      around("thead", {}, [head]),
      around("tbody", {}, rows)
    ])
  ])
}

const figures: ReadonlyArray<readonly [string, (coverage: Coverage) => Reached]> = [
  ["States", (coverage) => coverage.states],
  ["States × operations", (coverage) => coverage.stateByOperation],
  ["Legal calls", (coverage) => coverage.legal],
  ["Refused calls", (coverage) => coverage.illegal],
  ["Transitions", (coverage) => coverage.transitions],
  ["Pairs of transitions", (coverage) => coverage.transitionPairs],
  ["Laws", (coverage) => coverage.laws]
]

export const coverageMarkup = (coverage: Coverage): string =>
  [
    around(
      "dl",
      { class: "figures" },
      figures.map(([name, of]) => {
        const { reached, of: all } = of(coverage)
        return around("div", {}, [saying("dt", {}, name), saying("dd", {}, `${reached} of ${all}`)])
      })
    ),
    around(
      "p",
      { class: "quiet" },
      Object.values(signs).map(({ sign, word }) => saying("span", {}, `${sign} ${word}\u2003`))
    ),
    ...[...new Set(coverage.cells.map(({ kind }) => kind))].map((kind) =>
      mapOf(
        kind,
        coverage.cells.filter((cell) => cell.kind === kind)
      )
    )
  ].join("")
