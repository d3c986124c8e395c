/** A report of the conformance suite, opened from a file: laws, coverage, and counterexamples step by step. */
import { useState } from "react"
import type { CellStatus, Counterexample, LawStatus, Report } from "../../../conformance/report.ts"
import { isRecord } from "../data/api.ts"
import { Choice, Empty, Field, Note } from "../parts/basic.tsx"

const schema = "keystate-conformance/1" satisfies Report["schema"]

const marks: Readonly<Record<CellStatus, string>> = {
  right: "● right",
  wrong: "✗ wrong",
  unspecified: "? unspecified",
  unreached: "· not reached"
}

const tones: Readonly<Record<LawStatus, string>> = {
  passed: "good",
  broken: "bad",
  known: "warn",
  fixed: "info",
  skipped: "calm",
  inconclusive: "calm"
}

export const ConformancePage = () => {
  const [report, setReport] = useState<Report>()
  const [fault, setFault] = useState<string>()
  const open = async (file: File): Promise<void> => {
    setReport(undefined)
    setFault(undefined)
    try {
      const parsed: unknown = JSON.parse(await file.text())
      if (!isRecord(parsed) || parsed["schema"] !== schema) throw new Error(`it is no report of the schema ${schema}`)
      // Its schema says that the suite wrote it.
      setReport(parsed as Report & Readonly<Record<string, unknown>>)
    } catch (failed) {
      setFault(failed instanceof Error ? failed.message : "it cannot be read")
    }
  }
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Conformance</h1>
          <p className="quiet">
            Open a report that <code>keystate conformance --json</code> wrote. It is read here and sent nowhere.
          </p>
        </div>
      </div>
      <div className="stack">
        <Field label="Report, report.json">
          {(ids) => (
            <input
              {...ids}
              type="file"
              accept="application/json,.json"
              onChange={(event) => {
                const file = event.target.files?.[0]
                if (file !== undefined) void open(file)
              }}
            />
          )}
        </Field>
        {fault !== undefined && <Note tone="bad">This file cannot be shown: {fault}.</Note>}
        {report === undefined ? (
          fault === undefined && (
            <div className="card">
              <Empty>
                No report is open. <code>keystate conformance --help</code> says how to make one.
              </Empty>
            </div>
          )
        ) : (
          <Shown report={report} />
        )}
      </div>
    </>
  )
}

const Shown = ({ report }: { readonly report: Report }) => (
  <>
    <Note tone={report.verdict === "pass" ? "good" : report.verdict === "violation" ? "bad" : "warn"}>
      <p>
        <strong>{report.adapter.name}</strong>: {report.verdict}. {report.calls} calls in {report.runs} runs, seed{" "}
        <code>{report.options.seed}</code>
      </p>
      {report.error !== undefined && <p>{report.error}</p>}
      {report.warnings.map((warning) => (
        <p key={warning}>{warning}</p>
      ))}
    </Note>
    {report.counterexamples.map((found) => (
      <Counter key={`${found.law} ${found.seed} ${found.phase}`} found={found} />
    ))}
    <div className="columns">
      <section className="card">
        <h2>Laws</h2>
        <ul className="stack tight">
          {report.laws.map(({ id, reason, sentence, severity, status }) => (
            <li key={id}>
              <span className={`badge ${tones[status]}`}>{status}</span> <code>{id}</code> {severity}
              <span className="why">
                {sentence}
                {reason !== undefined && ` (${reason})`}
              </span>
            </li>
          ))}
        </ul>
      </section>
      <section className="card">
        <h2>Coverage</h2>
        <dl className="fields">
          {(["states", "stateByOperation", "legal", "illegal", "transitions", "transitionPairs", "laws"] as const).map(
            (name) => (
              <CoverageLine
                key={name}
                name={name}
                reached={report.coverage[name].reached}
                of={report.coverage[name].of}
              />
            )
          )}
        </dl>
      </section>
    </div>
    <Cells report={report} />
  </>
)

const CoverageLine = ({
  name,
  reached,
  of
}: {
  readonly name: string
  readonly reached: number
  readonly of: number
}) => (
  <>
    <dt>{name}</dt>
    <dd>
      {reached} of {of}
    </dd>
  </>
)

const Counter = ({ found }: { readonly found: Counterexample }) => (
  <section className="card">
    <h2>
      <span className="badge bad">broken</span> {found.law}
    </h2>
    <div className="stack">
      <p>
        {found.sentence}{" "}
        <span className="quiet">
          ({found.severity}; {found.source})
        </span>
      </p>
      <p>
        <strong>{found.finding}</strong>{" "}
        <span className="quiet">
          Shrunk from {found.shrunkFrom} to {found.steps.length} steps
          {found.reproduced ? ", and broken again on fresh keys" : ""}.
        </span>
      </p>
      <div className="tableBox" tabIndex={0} role="region" aria-label={`Steps of ${found.law}`}>
        <table>
          <thead>
            <tr>
              <th scope="col">#</th>
              <th scope="col">Call</th>
              <th scope="col">State</th>
              <th scope="col">Expected</th>
              <th scope="col">Got</th>
            </tr>
          </thead>
          <tbody>
            {found.steps.map((step) => (
              <tr key={step.number} className={step.ok ? undefined : "chosen"}>
                <td className="number">{step.number}</td>
                <th scope="row">
                  <code>{step.text}</code>
                </th>
                <td className="word">
                  {step.before === step.after ? step.after : `${step.before || "—"} → ${step.after}`}
                </td>
                <td>{step.expected}</td>
                <td>
                  {step.got} {!step.ok && <strong>✗</strong>}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </div>
  </section>
)

const Cells = ({ report }: { readonly report: Report }) => {
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
        <h2>Operations in each state</h2>
        <Choice
          label="Kind of key"
          value={kind}
          options={kinds.map((one) => [one, one] as const)}
          onChange={setChosen}
        />
      </div>
      <div className="tableBox history" tabIndex={0} role="region" aria-label="Operations in each state">
        <table>
          <thead>
            <tr>
              <th scope="col">Operation</th>
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
                <th scope="row">{operation}</th>
                {states.map((state) => {
                  const cell = shown.find((one) => one.operation === operation && one.state === state)
                  return (
                    <td key={state} className={cell?.status === "wrong" ? "bad" : undefined}>
                      {cell === undefined ? "" : marks[cell.status]}
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
