/** A key as it was after one of its events: diagram, configuration and allowed operations, computed from its history. */
import { useCallback } from "react"
import { lifecycleOf, rotationOf } from "../../../../machines/cmk.ts"
import { deadlines } from "../../../../machines/deadlines.ts"
import { refusalOf, rules } from "../../../../machines/permits.ts"
import type { KeyOperation } from "../../../../machines/permits.ts"
import { knownMachines } from "../../../visualizer/drawings.ts"
import { nameOf } from "../../../visualizer/keys/history.ts"
import type { Moment as Past } from "../../../visualizer/keys/history.ts"
import { captionOf, historyMarks } from "../../../visualizer/keys/keyMarks.ts"
import { useMoments } from "../data/journal.ts"
import { dueWord } from "../data/keys.ts"
import type { Lived } from "../data/keys.ts"
import { setQuery } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { Button, Empty, Field, Shortcut } from "../parts/basic.tsx"
import { Chart } from "../parts/chart.tsx"
import { icons } from "../parts/icons.tsx"
import { useShortcut } from "../parts/ownKeys.ts"
import { rotationWord, StateBadge, wordOf } from "../parts/state.tsx"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

const isOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)
const operations = Object.keys(rules).filter(isOperation)

const goTo = (at: number | undefined): void => setQuery({ at: at === undefined ? undefined : String(at) })

export const TimeTravel = ({ row, at }: { readonly row: Lived; readonly at: number }) => {
  const { region } = useConsole()
  const moments = useMoments(region, row.keyId, row.epoch, true)
  const newest = moments?.at(-1)?.entry.seq ?? row.epoch
  const back = useCallback(() => goTo(Math.max(at - 1, 1)), [at])
  const on = useCallback(() => goTo(Math.min(at + 1, newest)), [at, newest])
  const live = useCallback(() => goTo(undefined), [])
  useShortcut("[", back)
  useShortcut("]", on)
  useShortcut(".", live)
  const past = moments?.[at - 1]
  return (
    <section className="stack" aria-label={t("Earlier state")}>
      <div className="note warn">
        {icons.clock}
        <div className="stack tight" style={{ flex: 1 }}>
          <p>
            {past === undefined
              ? rich("<b>Earlier state:</b> the key after event {at} of {newest}.", { at, newest })
              : rich("<b>Earlier state:</b> the key after event {at} of {newest}, {event}, {time}.", {
                  at,
                  newest,
                  event: nameOf(past.entry),
                  time: absolute(past.entry.at)
                })}{" "}
            {t("The buttons above act on the current key.")}
          </p>
          <div className="row">
            <Button small onClick={back} off={at <= 1 ? t("This is the first event.") : undefined}>
              <Shortcut keys="[" /> {t("Previous|event")}
            </Button>
            <Button small onClick={on} off={at >= newest ? t("This is the newest event.") : undefined}>
              {t("Next|event")} <Shortcut keys="]" />
            </Button>
            <Button small look="main" onClick={live}>
              {t("Show current state")}
            </Button>
          </div>
          <Field label={t("Event")}>
            {(ids) => (
              <input
                {...ids}
                type="range"
                min={1}
                max={newest}
                value={at}
                onChange={(event) => goTo(Number(event.target.value))}
              />
            )}
          </Field>
        </div>
      </div>
      {moments === undefined || past === undefined ? (
        <Empty>{t("Loading the history…")}</Empty>
      ) : (
        <At keyId={row.keyId} moments={moments.slice(0, at)} past={past} isOver={at < newest} />
      )}
    </section>
  )
}

interface AtProps {
  readonly keyId: string
  readonly moments: ReadonlyArray<Past>
  readonly past: Past
  readonly isOver: boolean
}

const At = ({ keyId, moments, past, isOver }: AtProps) => {
  const { after } = past
  const state = lifecycleOf(after)
  const { context } = after
  return (
    <>
      <Chart
        machine="cmk"
        name={t("Lifecycle of this key after event {seq}: {state}, rotation {rotation}", {
          seq: past.entry.seq,
          state: wordOf(state),
          rotation: rotationWord(rotationOf(after))
        })}
        options={{
          ...historyMarks(knownMachines.cmk.drawing, moments),
          caption: captionOf(keyId, past),
          past: isOver
        }}
      />
      <div className="columns">
        <section className="card">
          <h2>{t("State at this event")}</h2>
          <dl className="fields">
            <dt>{t("State")}</dt>
            <dd>
              <StateBadge state={state} />
            </dd>
            <dt>{t("Rotation")}</dt>
            <dd>{rotationWord(rotationOf(after))}</dd>
            <dt>{t("Material")}</dt>
            <dd>{context.materialPresent ? t("present") : t("not present")}</dd>
            <dt>{t("Versions")}</dt>
            <dd>{context.versionCount}</dd>
            <dt>{t("Deletion protection")}</dt>
            <dd>{context.deletionProtection ? t("on") : t("off")}</dd>
            {deadlines(after).map(({ kind, dueAt }) => (
              <FieldLine key={kind} name={dueWord(kind)} value={absolute(dueAt)} />
            ))}
            <FieldLine name={t("Caused by")} value={past.entry.principal} />
            <FieldLine name={t("Request")} value={past.entry.requestId} />
          </dl>
        </section>
        <section className="card">
          <h2>{t("Operations the key allowed")}</h2>
          <ul className="stack tight small" tabIndex={0} style={{ maxHeight: 340, overflow: "auto" }}>
            {operations.map((operation) => {
              const refusal = refusalOf(operation, after)
              return (
                <li key={operation}>
                  {operation}: {refusal === undefined ? `● ${t("allowed")}` : <code>{refusal.code}</code>}
                </li>
              )
            })}
          </ul>
        </section>
      </div>
    </>
  )
}

const FieldLine = ({ name, value }: { readonly name: string; readonly value: string }) => (
  <>
    <dt>{name}</dt>
    <dd>{value}</dd>
  </>
)
