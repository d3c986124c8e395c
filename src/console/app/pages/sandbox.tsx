/** A key that exists only on this page, with its own clock, to try calls and see their effect. */
import { useState } from "react"
import { lifecycleOf, rotationOf } from "../../../../machines/cmk.ts"
import { deadlines } from "../../../../machines/deadlines.ts"
import { knownMachines } from "../../../visualizer/drawings.ts"
import { historyMarks } from "../../../visualizer/keys/keyMarks.ts"
import { dueWord } from "../data/keys.ts"
import { absolute, day } from "../data/time.ts"
import { Button, Choice, Copy, Note } from "../parts/basic.tsx"
import { Chart } from "../parts/chart.tsx"
import { rotationWord, StateBadge, wordOf } from "../parts/state.tsx"
import { asScript, asTest } from "./sandboxExport.ts"
import { advance, begin, calls, kinds, take } from "./sandboxKey.ts"
import type { Sandbox } from "./sandboxKey.ts"
import { t } from "../text/text.ts"

interface PartProps {
  readonly sandbox: Sandbox
  readonly set: (sandbox: Sandbox) => void
}

export const SandboxPage = () => {
  const [sandbox, set] = useState(() => begin("Aliyun_AES_256"))
  const { kind, moments, snapshot } = sandbox
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>{t("Sandbox")}</h1>
          <p className="quiet">
            {t("A key that exists only on this page. The same state machine decides as for real keys.")}
          </p>
        </div>
        <Button onClick={() => set(begin(kind))}>{t("Start over")}</Button>
      </div>
      <div className="stack">
        <div className="oneField">
          <Choice
            label={t("Kind of key")}
            value={kind}
            options={kinds.map((one) => [one, one] as const)}
            onChange={(one) => set(begin(one))}
          />
        </div>
        <Calls sandbox={sandbox} set={set} />
        <SandboxClock sandbox={sandbox} set={set} />
        <Chart
          machine="cmk"
          name={t("The sandbox key: {state}, rotation {rotation}", {
            state: wordOf(lifecycleOf(snapshot)),
            rotation: rotationWord(rotationOf(snapshot))
          })}
          options={historyMarks(knownMachines.cmk.drawing, moments)}
        />
        <Steps sandbox={sandbox} />
        <Export sandbox={sandbox} />
      </div>
    </>
  )
}

const Calls = ({ sandbox, set }: PartProps) => {
  const last = sandbox.taken.at(-1)
  return (
    <section className="card">
      <div className="cardHead">
        <h2>{t("Call")}</h2>
        <StateBadge state={lifecycleOf(sandbox.snapshot)} />
      </div>
      <div className="row">
        {calls.map(([name, event]) => (
          <Button key={name} small onClick={() => set(take(sandbox, event(sandbox.now)))}>
            {name}
          </Button>
        ))}
      </div>
      <div role="status" className="answered">
        {last?.refusal !== undefined && (
          <Note tone="bad">
            {last.name}: <code>{last.refusal.code}</code> <span lang="en">{last.refusal.hint}</span>
          </Note>
        )}
      </div>
    </section>
  )
}

const SandboxClock = ({ sandbox, set }: PartProps) => {
  const due = deadlines(sandbox.snapshot).toSorted((a, b) => a.dueAt - b.dueAt)
  const [next] = due
  return (
    <section className="card">
      <h2>{t("Clock")}</h2>
      <div className="row">
        <strong>{absolute(sandbox.now)}</strong>
        <Button small onClick={() => set(advance(sandbox, day / 24, "advance 1h"))}>
          {t("+1 h")}
        </Button>
        <Button small onClick={() => set(advance(sandbox, 7 * day, "advance 7d"))}>
          {t("+7 d")}
        </Button>
        <Button
          small
          off={next === undefined ? t("There is no deadline.") : undefined}
          onClick={() => {
            if (next !== undefined) set(advance(sandbox, Math.max(next.dueAt - sandbox.now, 0), "next"))
          }}
        >
          {t("To next deadline")}
        </Button>
        <span className="quiet small">
          {due.map(({ dueAt, kind }) => `${dueWord(kind)} ${absolute(dueAt)}`).join(" · ")}
        </span>
      </div>
    </section>
  )
}

const Steps = ({ sandbox: { taken } }: { readonly sandbox: Sandbox }) => (
  <section className="card">
    <h2>{t("Steps")}</h2>
    <ol className="stack tight">
      {taken.map(({ name, refusal }, at) => (
        <li key={`${at} ${name}`}>
          {name} {refusal !== undefined && <code>{refusal.code}</code>}
        </li>
      ))}
    </ol>
  </section>
)

const Export = ({ sandbox: { kind, taken } }: { readonly sandbox: Sandbox }) => (
  <div className="columns">
    <Code title={t("As a shell script")} text={asScript(kind, taken)} what={t("Copy the script")} label={t("Script")} />
    <Code title={t("As a test")} text={asTest(kind, taken)} what={t("Copy the test")} label={t("Test")} />
  </div>
)

interface CodeProps {
  readonly title: string
  readonly text: string
  readonly what: string
  readonly label: string
}

const Code = ({ title, text, what, label }: CodeProps) => (
  <section className="card">
    <div className="cardHead">
      <h2>{title}</h2>
      <Copy text={text} what={what} />
    </div>
    <pre tabIndex={0} aria-label={label}>
      {text}
    </pre>
  </section>
)
