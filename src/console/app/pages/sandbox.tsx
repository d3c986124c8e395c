/** A key that exists in this page alone, and a clock of its own: what could be done with it, and what comes of it. */
import { useState } from "react"
import { create, lifecycleOf, rotationOf } from "../../../../machines/cmk.ts"
import type { CmkEvent, CmkSnapshot } from "../../../../machines/cmk.ts"
import { deadlines, factOf } from "../../../../machines/deadlines.ts"
import { decide } from "../../../../machines/permits.ts"
import type { RequestType } from "../../../../machines/vocabulary.ts"
import { knownMachines } from "../../../visualizer/drawings.ts"
import { historyMarks } from "../../../visualizer/keys/keyMarks.ts"
import type { Moment } from "../../../visualizer/keys/history.ts"
import { kindsOfKeys } from "../../../visualizer/keys/walk.ts"
import { dueWord } from "../data/keys.ts"
import { absolute, day } from "../data/time.ts"
import { Button, Choice, Copy, Note } from "../parts/basic.tsx"
import { Chart } from "../parts/chart.tsx"
import { StateBadge, wordOf } from "../parts/state.tsx"
import { asScript, asTest } from "./sandboxExport.ts"
import type { Taken } from "./sandboxExport.ts"

interface Sandbox {
  readonly kind: string
  readonly now: number
  readonly snapshot: CmkSnapshot
  readonly moments: ReadonlyArray<Moment>
  /** Calls and steps of the clock, as they were made. */
  readonly taken: ReadonlyArray<Taken>
}

const begin = (kind: string, now: number): Sandbox => {
  const input = { ...(kindsOfKeys[kind] ?? kindsOfKeys["Aliyun_AES_256"]), newestVersionAt: now }
  // Every kind of the table is a whole input; only the index is not known to be.
  const whole = input as NonNullable<(typeof kindsOfKeys)[string]>
  const snapshot = create(whole).next
  const entry = {
    seq: 1,
    at: now,
    principal: "sandbox",
    requestId: "sandbox",
    payload: { type: "CreateKey", input: whole }
  } as const
  return {
    kind,
    now,
    snapshot,
    moments: [{ entry, before: undefined, after: snapshot }],
    taken: [{ name: "CreateKey", refusal: undefined }]
  }
}

const take = (sandbox: Sandbox, event: CmkEvent, name: string = event.type): Sandbox => {
  const verdict = decide(sandbox.snapshot, event)
  if (verdict._tag === "Stale") return sandbox
  if (verdict._tag === "Refusal") return { ...sandbox, taken: [...sandbox.taken, { name, refusal: verdict }] }
  const seq = sandbox.moments.length + 1
  const entry = {
    seq,
    at: event.at,
    principal: "sandbox",
    requestId: "sandbox",
    payload: { type: "Event", event }
  } as const
  return {
    ...sandbox,
    snapshot: verdict.next,
    moments: [...sandbox.moments, { entry, before: sandbox.snapshot, after: verdict.next }],
    taken: [...sandbox.taken, { name, refusal: undefined }]
  }
}

/** From deadline to deadline, each at its own instant, as the service's own virtual clock goes. */
const advance = (sandbox: Sandbox, millis: number, name: string): Sandbox => {
  const end = sandbox.now + millis
  let next: Sandbox = { ...sandbox, taken: [...sandbox.taken, { name, refusal: undefined }] }
  for (;;) {
    const due = deadlines(next.snapshot).toSorted((a, b) => a.dueAt - b.dueAt)[0]
    if (due === undefined || due.dueAt > end) return { ...next, now: end }
    const epoch = next.snapshot.context.epoch
    next = take({ ...next, now: due.dueAt }, factOf(due, due.dueAt, `version ${epoch + 1}`))
    if (next.snapshot.context.epoch === epoch) return { ...next, now: end }
  }
}

/** What the sandbox lets you call; undefined for what changes nothing that it shows. */
const offered: Readonly<Record<RequestType, ((at: number) => CmkEvent) | undefined>> = {
  EnableKey: (at) => ({ type: "EnableKey", at }),
  DisableKey: (at) => ({ type: "DisableKey", at }),
  ScheduleKeyDeletion: (at) => ({ type: "ScheduleKeyDeletion", at, dueAt: at + 7 * day }),
  CancelKeyDeletion: (at) => ({ type: "CancelKeyDeletion", at }),
  ImportKeyMaterial: (at) => ({
    type: "ImportKeyMaterial",
    at,
    fingerprint: "the material",
    expiresAt: at + 30 * day
  }),
  DeleteKeyMaterial: (at) => ({ type: "DeleteKeyMaterial", at }),
  UpdateRotationPolicy: (at) => ({ type: "UpdateRotationPolicy", at, intervalMillis: 30 * day }),
  CreateKeyVersion: (at) => ({ type: "CreateKeyVersion", at, versionId: `version at ${at}` }),
  SetDeletionProtection: (at) => ({ type: "SetDeletionProtection", at, enabled: true }),
  UpdateKeyDescription: undefined,
  SetKeyPolicy: undefined,
  TagResource: undefined,
  UntagResource: undefined,
  CreateAlias: undefined,
  UpdateAlias: undefined,
  DeleteAlias: undefined
}
const calls = Object.entries(offered).flatMap(([name, eventAt]) =>
  eventAt === undefined ? [] : [[name, eventAt] as const]
)

const kinds = Object.keys(kindsOfKeys).filter((kind) => kind !== "")

export const SandboxPage = () => {
  const [sandbox, setSandbox] = useState(() => begin("Aliyun_AES_256", Date.UTC(2026, 0, 1)))
  const { moments, now, snapshot, taken } = sandbox
  const state = lifecycleOf(snapshot)
  const last = taken.at(-1)
  const due = deadlines(snapshot).toSorted((a, b) => a.dueAt - b.dueAt)
  const next = due[0]
  const script = asScript(sandbox.kind, taken)
  const test = asTest(sandbox.kind, taken)
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Sandbox</h1>
          <p className="quiet">A key that exists in this page alone, decided by the machine that decides real ones.</p>
        </div>
        <Button onClick={() => setSandbox(begin(sandbox.kind, Date.UTC(2026, 0, 1)))}>Begin again</Button>
      </div>
      <div className="stack">
        <div className="columns">
          <Choice
            label="Kind of key"
            value={sandbox.kind}
            options={kinds.map((kind) => [kind, kind] as const)}
            onChange={(kind) => setSandbox(begin(kind, Date.UTC(2026, 0, 1)))}
          />
        </div>
        <section className="card">
          <div className="cardHead">
            <h2>Call</h2>
            <StateBadge state={state} />
          </div>
          <div className="row">
            {calls.map(([name, event]) => (
              <Button key={name} small onClick={() => setSandbox(take(sandbox, event(now)))}>
                {name}
              </Button>
            ))}
          </div>
          <div role="status" style={{ marginTop: 10 }}>
            {last?.refusal !== undefined && (
              <Note tone="bad">
                {last.name}: <code>{last.refusal.code}</code> {last.refusal.hint}
              </Note>
            )}
          </div>
        </section>
        <section className="card">
          <h2>Clock</h2>
          <div className="row">
            <strong>{absolute(now)}</strong>
            <Button small onClick={() => setSandbox(advance(sandbox, day / 24, "advance 1h"))}>
              +1 h
            </Button>
            <Button small onClick={() => setSandbox(advance(sandbox, 7 * day, "advance 7d"))}>
              +7 d
            </Button>
            <Button
              small
              off={next === undefined ? "Nothing is due." : undefined}
              onClick={() => {
                if (next !== undefined) setSandbox(advance(sandbox, Math.max(next.dueAt - now, 0), "next"))
              }}
            >
              To next deadline
            </Button>
            <span className="quiet small">
              {due.map(({ dueAt, kind }) => `${dueWord(kind)} ${absolute(dueAt)}`).join(" · ")}
            </span>
          </div>
        </section>
        <Chart
          machine="cmk"
          name={`The sandbox key: ${wordOf(state)}, rotation ${rotationOf(snapshot)}`}
          options={historyMarks(knownMachines.cmk.drawing, moments)}
        />
        <div className="columns">
          <section className="card">
            <h2>What was done</h2>
            <ol className="stack tight">
              {taken.map(({ name, refusal }, at) => (
                <li key={`${at} ${name}`}>
                  {name} {refusal !== undefined && <code>{refusal.code}</code>}
                </li>
              ))}
            </ol>
          </section>
          <section className="card">
            <div className="cardHead">
              <h2>For the command line</h2>
              <Copy text={script} what="the script" />
            </div>
            <pre tabIndex={0} aria-label="Script">
              {script}
            </pre>
          </section>
          <section className="card">
            <div className="cardHead">
              <h2>As a test</h2>
              <Copy text={test} what="the test" />
            </div>
            <pre tabIndex={0} aria-label="Test">
              {test}
            </pre>
          </section>
        </div>
      </div>
    </>
  )
}
