/** The result of each operation in each state, for one kind of key at a time. */
import { useState } from "react"
import type { CellStatus, Report } from "../../../conformance/report/report.ts"
import { Breakable, Choice } from "../parts/basic.tsx"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

const marks: Readonly<Record<CellStatus, readonly [mark: string, word: PlainText]>> = {
  right: ["●", "correct"],
  wrong: ["✗", "wrong"],
  unspecified: ["?", "unspecified"],
  unreached: ["·", "not tested"]
}

const markOf = (status: CellStatus): string => {
  const [mark, word] = marks[status]
  return `${mark} ${t(word)}`
}

export const Cells = ({ report }: { readonly report: Report }) => {
  const { cells } = report.coverage
  const kinds = [...new Set(cells.map(({ kind }) => kind))]
  const [chosen, setChosen] = useState(kinds[0] ?? "")
  const kind = kinds.includes(chosen) ? chosen : (kinds[0] ?? "")
  const shown = cells.filter((cell) => cell.kind === kind)
  const states = [...new Set(shown.map(({ state }) => state))]
  const operations = [...new Set(shown.map(({ operation }) => operation))]
  return (
    <section className="stack">
      <div className="row between">
        <h2>{t("Operations in each state")}</h2>
        <Choice
          label={t("Kind of key")}
          value={kind}
          options={kinds.map((one) => [one, one] as const)}
          onChange={setChosen}
        />
      </div>
      <div className="tableBox history" tabIndex={0} role="region" aria-label={t("Operations in each state")}>
        <table>
          <thead>
            <tr>
              <th scope="col">{t("Operation")}</th>
              {states.map((state) => (
                <th key={state} scope="col">
                  {state}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {operations.map((operation) => (
              <tr key={operation}>
                <th scope="row">
                  <Breakable text={shown.find((one) => one.operation === operation)?.called ?? operation} />
                </th>
                {states.map((state) => {
                  const cell = shown.find((one) => one.operation === operation && one.state === state)
                  return (
                    <td key={state} className={cell?.status === "wrong" ? "bad" : undefined}>
                      {cell === undefined ? "" : markOf(cell.status)}
                      {cell !== undefined && <span className="why">{cell.expected}</span>}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
