/** Shows a report of the conformance suite from a file: laws, coverage, and counterexamples step by step. */
import { useState } from "react"
import type { Counterexample, LawStatus, Report } from "../../../conformance/report/report.ts"
import { readReport } from "../data/conformanceReport.ts"
import { Empty, Field, Note } from "../parts/basic.tsx"
import { Cells } from "./conformanceCells.tsx"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

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
  const [fault, setFault] = useState<PlainText>()
  const open = async (file: File): Promise<void> => {
    const read = readReport(await file.text())
    setReport(typeof read === "string" ? undefined : read)
    setFault(typeof read === "string" ? read : undefined)
  }
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>{t("Conformance")}</h1>
          <p className="quiet">
            {rich("Open a report written by {command}. The file stays in this browser.", {
              command: <code>keystate conformance --json report.json</code>
            })}
          </p>
        </div>
      </div>
      <div className="stack">
        <Field label={t("Report")}>
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
        {fault !== undefined && (
          <Note tone="bad">
            {rich("This file cannot be shown: {fault} Choose the file that {option} wrote.", {
              fault: t(fault),
              option: <code>--json</code>
            })}
          </Note>
        )}
        {report === undefined ? (
          fault === undefined && (
            <div className="card">
              <Empty>
                {rich("No report is open. To create one for this server, run {command}", {
                  command: (
                    <code>
                      keystate conformance --endpoint {location.origin} --access-key-file ak.json --json report.json
                    </code>
                  )
                })}
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

const verdicts: Readonly<Record<Report["verdict"], readonly [tone: "good" | "bad" | "warn", sentence: PlainText]>> = {
  pass: ["good", "No required law is broken."],
  violation: ["bad", "A required law is broken."],
  error: ["warn", "The run could not be completed."],
  inconclusive: ["warn", "Too few cases were tested for a verdict."]
}

const Shown = ({ report }: { readonly report: Report }) => {
  const [tone, sentence] = verdicts[report.verdict]
  return (
    <>
      <Note tone={tone}>
        <p>
          <strong>{report.adapter.name}</strong>: {t(sentence)}{" "}
          <span className="quiet">
            {rich("{calls} calls in {runs} runs, seed {seed}", {
              calls: report.calls,
              runs: report.runs,
              seed: <code>{report.options.seed}</code>
            })}
          </span>
        </p>
        {report.error !== undefined && <p lang="en">{report.error}</p>}
        {report.warnings.map((warning) => (
          <p key={warning} lang="en">
            {warning}
          </p>
        ))}
      </Note>
      {report.counterexamples.map((found) => (
        <Counter key={`${found.law} ${found.seed} ${found.phase}`} found={found} />
      ))}
      <div className="columns">
        <Laws laws={report.laws} />
        <section className="card">
          <h2>{t("Coverage")}</h2>
          <dl className="fields">
            {figures.map(([name, word]) => (
              <Figure key={name} word={t(word)} {...report.coverage[name]} />
            ))}
          </dl>
        </section>
      </div>
      <Cells report={report} />
    </>
  )
}

const figures = [
  ["states", "States"],
  ["stateByOperation", "Operations in each state"],
  ["legal", "Allowed calls"],
  ["illegal", "Refused calls"],
  ["transitions", "Transitions"],
  ["transitionPairs", "Pairs of transitions"],
  ["laws", "Laws"]
] as const satisfies ReadonlyArray<readonly [keyof Report["coverage"], PlainText]>

const Figure = ({ word, reached, of }: { readonly word: string; readonly reached: number; readonly of: number }) => (
  <>
    <dt>{word}</dt>
    <dd>{t("{reached} of {of}", { reached, of })}</dd>
  </>
)

/** Laws that need attention are open; the many that hold are folded away. */
const statuses = [
  ["broken", true],
  ["known", true],
  ["fixed", true],
  ["inconclusive", false],
  ["skipped", false],
  ["passed", false]
] as const satisfies ReadonlyArray<readonly [LawStatus, boolean]>

const statusWords: Readonly<Record<LawStatus, PlainText>> = {
  broken: "broken",
  known: "known",
  fixed: "fixed",
  inconclusive: "inconclusive",
  skipped: "skipped",
  passed: "passed"
}

const Laws = ({ laws }: { readonly laws: Report["laws"] }) => (
  <section className="card">
    <h2>{t("Laws")}</h2>
    <div className="stack tight">
      {statuses.map(([status, isOpen]) => {
        const found = laws.filter((law) => law.status === status)
        if (found.length === 0) return null
        return (
          <details key={status} open={isOpen}>
            <summary>
              <span className={`badge ${tones[status]}`}>{t(statusWords[status])}</span> {found.length}
            </summary>
            <ul className="stack tight">
              {found.map(({ id, reason, sentence, severity }) => (
                <li key={id}>
                  <code>{id}</code> {severity}
                  <span className="why" lang="en">
                    {sentence}
                    {reason !== undefined && ` (${reason})`}
                  </span>
                </li>
              ))}
            </ul>
          </details>
        )
      })}
    </div>
  </section>
)

const Counter = ({ found }: { readonly found: Counterexample }) => (
  <section className="card">
    <h2>
      <span className="badge bad">{t("broken")}</span> {found.law}
    </h2>
    <div className="stack">
      <p lang="en">
        {found.sentence}{" "}
        <span className="quiet">
          ({found.severity}; {found.source})
        </span>
      </p>
      <p>
        <strong lang="en">{found.finding}</strong>{" "}
        <span className="quiet">
          {t("Shrunk from {before} to {after} steps.", { before: found.shrunkFrom, after: found.steps.length })}{" "}
          {found.reproduced ? t("Replayed: the law broke again.") : t("Not reproduced.")}
        </span>
      </p>
      <div className="tableBox" tabIndex={0} role="region" aria-label={t("Steps of {law}", { law: found.law })}>
        <table>
          <thead>
            <tr>
              <th scope="col" className="number">
                #
              </th>
              <th scope="col">{t("Call")}</th>
              <th scope="col">{t("State")}</th>
              <th scope="col">{t("Expected")}</th>
              <th scope="col">{t("Got")}</th>
            </tr>
          </thead>
          <tbody>
            {found.steps.map((step) => (
              <tr key={step.number} className={step.ok ? undefined : "broken"}>
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
