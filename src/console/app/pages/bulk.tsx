/** Scheduling or cancelling deletions of several keys: what becomes of each is said before, and after. */
import { useState } from "react"
import { refusalWord } from "../data/words.ts"
import type { KeyRow, Refusal } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { nameOf } from "../data/keys.ts"
import { consoleState, lifecycleNow, refreshKey } from "../data/store.ts"
import { day } from "../data/time.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Field, Note } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Moment } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"

interface BulkProps {
  readonly rows: ReadonlyArray<KeyRow>
  readonly intent: "schedule" | "cancel"
  readonly onClose: () => void
}

/** Why a key is left out, as the gate would say; the server has the last word all the same. */
const leftOut = (row: KeyRow, intent: BulkProps["intent"]): string | undefined => {
  if (row.refused !== undefined) return row.refused.message
  if (row.serviceKey) return "It is managed by a cloud service."
  if (intent === "cancel") return row.state === "PendingDeletion" ? undefined : "It is not to be deleted."
  if (row.state === "PendingDeletion") return "Its deletion is scheduled already."
  return row.deletionProtection ? "Deletion protection is on." : undefined
}

export const BulkDialog = ({ rows, intent, onClose }: BulkProps) => {
  const [days, setDays] = useState("30")
  const [typed, setTyped] = useState("")
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState<ReadonlyMap<string, Refusal | "done">>(new Map())
  const [fixed] = useState(rows)
  const going = fixed.filter((row) => leftOut(row, intent) === undefined)
  const isFinished = done.size > 0 && !busy
  const isSchedule = intent === "schedule"
  const word = `delete ${going.length}`
  const window = Number(days)
  const off = busy
    ? "Working…"
    : going.length === 0
      ? "None of the chosen keys can take this."
      : isSchedule && !(window >= 7 && window <= 30)
        ? "The window is 7 to 30 days."
        : isSchedule && typed.trim() !== word
          ? `Type “${word}” first.`
          : undefined

  const goOn = async (): Promise<void> => {
    setBusy(true)
    const outcomes = new Map<string, Refusal | "done">()
    for (const { keyId } of going) {
      const answer = await callOperation(
        consoleState().region,
        isSchedule ? "ScheduleKeyDeletion" : "CancelKeyDeletion",
        isSchedule ? { KeyId: keyId, PendingWindowInDays: days } : { KeyId: keyId }
      )
      outcomes.set(keyId, answer.ok ? "done" : answer.refusal)
      setDone(new Map(outcomes))
      await refreshKey(keyId)
    }
    setBusy(false)
    const refused = [...outcomes.values()].filter((outcome) => outcome !== "done").length
    announce(`${outcomes.size - refused} keys done, ${refused} refused.`)
  }

  return (
    <Dialog
      title={isSchedule ? "Schedule deletion of several keys" : "Cancel deletion of several keys"}
      onClose={onClose}
    >
      {isSchedule && (
        <Note tone="bad">
          What was encrypted under a deleted key can never be decrypted again. Disabling stops every use as well, and
          can be undone.
        </Note>
      )}
      <ul className="stack tight" aria-label="What becomes of each key">
        {fixed.map((row) => {
          const why = leftOut(row, intent)
          const outcome = done.get(row.keyId)
          return (
            <li key={row.keyId}>
              <strong>{nameOf(row)}</strong> <StateBadge state={row.state} />
              <span className="why">
                {outcome !== undefined ? (
                  outcome === "done" ? (
                    "Done."
                  ) : (
                    refusalWord(outcome)
                  )
                ) : why !== undefined ? (
                  `Left out: ${why}`
                ) : isSchedule ? (
                  <>
                    Refuses every use at once; destroyed <Moment at={lifecycleNow() + (window || 0) * day} />
                    {(row.aliases?.length ?? 0) > 0 && `; its aliases go with it: ${row.aliases?.join(", ")}`}
                  </>
                ) : row.origin === "EXTERNAL" && !row.materialPresent ? (
                  "Waits for its material again."
                ) : (
                  "Is Enabled again."
                )}
              </span>
            </li>
          )
        })}
      </ul>
      {isSchedule && !isFinished && (
        <div className="columns">
          <Field label="Delete in (7–30 days)">
            {(ids) => (
              <input
                {...ids}
                type="number"
                min={7}
                max={30}
                value={days}
                onChange={(event) => setDays(event.target.value)}
              />
            )}
          </Field>
          <Field label={`Type “${word}”`}>
            {(ids) => (
              <input {...ids} value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" />
            )}
          </Field>
        </div>
      )}
      <div className="row end">
        <Button onClick={onClose}>{isFinished ? "Close" : "Keep them as they are"}</Button>
        {!isFinished && (
          <Button look={isSchedule ? "danger" : "main"} off={off} onClick={() => void goOn()}>
            {isSchedule ? `Schedule deletion of ${going.length}` : `Cancel deletion of ${going.length}`}
          </Button>
        )}
      </div>
    </Dialog>
  )
}
