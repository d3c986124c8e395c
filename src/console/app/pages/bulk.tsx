/** Scheduling or cancelling deletions of several keys: what becomes of each is said before, and after. */
import { useState } from "react"
import { refusalWord } from "../data/words.ts"
import type { KeyRow, Refusal } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { nameOf } from "../data/keys.ts"
import { consoleState, refreshKey } from "../data/store.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Note } from "../parts/basic.tsx"
import { endOf, lackOf, noOrder, OrderFields } from "../parts/deletionOrder.tsx"
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
  const [order, setOrder] = useState(noOrder)
  const [busy, setBusy] = useState(false)
  const [done, setDone] = useState<ReadonlyMap<string, Refusal | "done">>(new Map())
  const [fixed] = useState(rows)
  const going = fixed.filter((row) => leftOut(row, intent) === undefined)
  const isFinished = done.size > 0 && !busy
  const isSchedule = intent === "schedule"
  const word = `delete ${going.length}`
  const end = endOf(order)
  const off = busy
    ? "Working…"
    : going.length === 0
      ? "None of the chosen keys can take this."
      : isSchedule
        ? lackOf(order, word)
        : undefined

  const goOn = async (): Promise<void> => {
    setBusy(true)
    const outcomes = new Map<string, Refusal | "done">()
    for (const { keyId } of going) {
      const answer = await callOperation(
        consoleState().region,
        isSchedule ? "ScheduleKeyDeletion" : "CancelKeyDeletion",
        isSchedule ? { KeyId: keyId, PendingWindowInDays: order.days } : { KeyId: keyId }
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
      busy={busy}
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
                    Refuses every use at once; destroyed {end === undefined ? "at its date" : <Moment at={end} />}
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
          <OrderFields order={order} onChange={setOrder} label={`Type “${word}”`} />
        </div>
      )}
      <div className="row end">
        <Button off={busy ? "Calls are under way." : undefined} onClick={onClose}>
          {isFinished ? "Close" : "Keep them as they are"}
        </Button>
        {!isFinished && (
          <Button look={isSchedule ? "danger" : "main"} off={off} onClick={() => void goOn()}>
            {isSchedule ? `Schedule deletion of ${going.length}` : `Cancel deletion of ${going.length}`}
          </Button>
        )}
      </div>
    </Dialog>
  )
}
