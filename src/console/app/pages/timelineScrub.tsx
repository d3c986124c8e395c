/** Moves a virtual clock along the timeline: chooses a time, shows what happens until then, and asks before it moves. */
import { useState } from "react"
import type { DueView } from "../../protocol.ts"
import { dueWord } from "../data/keys.ts"
import { lifecycleNow, refreshClock, useConsole } from "../data/store.ts"
import { absolute } from "../data/time.ts"
import { useAction, useWork } from "../data/useAction.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Field, Note, Refused } from "../parts/basic.tsx"
import { Dialog, Leave } from "../parts/dialog.tsx"
import { joined, t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

interface ScrubProps {
  readonly rows: ReadonlyArray<DueView>
  /** The rows are of several regions. */
  readonly namesRegion: boolean
}

/** `2 × Rotation, 1 × Deletion` */
const countsOf = (rows: ReadonlyArray<DueView>): string => {
  const kinds = [...new Set(rows.map(({ kind }) => kind))]
  return joined(
    kinds.map((kind) =>
      t("{count} × {event}", { count: rows.filter((row) => row.kind === kind).length, event: dueWord(kind) })
    )
  )
}

export const Scrub = ({ rows, namesRegion }: ScrubProps) => {
  const { session } = useConsole()
  const [chosen, setChosen] = useState(0)
  const [asks, setAsks] = useState(false)
  const target = rows[Math.min(chosen, rows.length) - 1]?.dueAt
  const until = target === undefined ? [] : rows.filter(({ dueAt }) => dueAt <= target)
  const right =
    session?.administersServer === true
      ? undefined
      : t("Only the root of the server's own account can change the clock.")
  const off = right ?? (target === undefined ? t("Choose a time first.") : undefined)
  if (rows.length === 0) return null
  return (
    <section className="card" aria-label={t("Move the virtual clock")}>
      <div className="stack tight">
        <Field label={t("Move the virtual clock to")}>
          {(ids) => (
            <input
              {...ids}
              className="scrub"
              type="range"
              min={0}
              max={rows.length}
              value={Math.min(chosen, rows.length)}
              aria-valuetext={target === undefined ? t("now") : absolute(target)}
              onChange={(event) => setChosen(Number(event.target.value))}
            />
          )}
        </Field>
        <p role="status">
          {target === undefined
            ? t("Now")
            : t("{time}: on this page, {counts} until then.", { time: absolute(target), counts: countsOf(until) })}
        </p>
        <div>
          <Button off={off} onClick={() => setAsks(true)}>
            {t("Move the clock…")}
          </Button>
        </div>
      </div>
      {asks && target !== undefined && (
        <MoveDialog
          target={target}
          until={until}
          namesRegion={namesRegion}
          onClose={() => setAsks(false)}
          onMoved={() => setChosen(0)}
        />
      )}
    </section>
  )
}

interface MoveProps {
  readonly target: number
  readonly until: ReadonlyArray<DueView>
  readonly namesRegion: boolean
  readonly onClose: () => void
  readonly onMoved: () => void
}

const MoveDialog = ({ target, until, namesRegion, onClose, onMoved }: MoveProps) => {
  const action = useAction()
  const { busy, during } = useWork()
  const deleted = until.filter(({ kind }) => kind === "DeletionDue")
  const move = async (): Promise<void> => {
    const seconds = Math.max(1, Math.ceil((target - lifecycleNow()) / 1000))
    const reply = await action.run("AdvanceClock", { By: `${seconds}s` })
    await refreshClock()
    if (reply === undefined) return
    announce(t("The clock is now at {time}.", { time: absolute(lifecycleNow()) }))
    onMoved()
    onClose()
  }
  return (
    <Dialog title={t("Move the clock")} onClose={onClose} busy={busy}>
      <p>
        {rich("The clock moves to <b>{time}</b>, for every account of the server. It cannot go back.", {
          time: absolute(target)
        })}
      </p>
      {deleted.length > 0 && (
        <Note tone="bad">
          <p>{t("These keys are deleted on the way, with all data encrypted under them:")}</p>
          <ul>
            {deleted.map(({ keyId, name, region }) => (
              <li key={keyId}>{namesRegion ? t("{name} in {region}", { name, region }) : name}</li>
            ))}
          </ul>
        </Note>
      )}
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Leave>{t("Leave the clock")}</Leave>
        <Button look="main" off={busy ? t("Working…") : undefined} onClick={() => void during(move)}>
          {t("Move the clock")}
        </Button>
      </div>
    </Dialog>
  )
}
