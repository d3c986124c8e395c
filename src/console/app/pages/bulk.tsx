/** Schedules or cancels deletions of several keys, and shows the effect on each before and after. */
import { useState } from "react"
import { refusalWord } from "../data/words.ts"
import type { KeyRow, Refusal } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { nameOf } from "../data/keys.ts"
import { consoleState, refreshKey } from "../data/store.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Note } from "../parts/basic.tsx"
import { endOf, lackOf, noOrder, OrderFields } from "../parts/deletionOrder.tsx"
import type { Order } from "../parts/deletionOrder.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Moment } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"

type Intent = "schedule" | "cancel"

interface BulkProps {
  readonly rows: ReadonlyArray<KeyRow>
  readonly intent: Intent
  readonly onClose: () => void
}

const words = {
  schedule: {
    title: "Schedule deletion of several keys",
    act: (count: number) => `Schedule deletion of ${count}`,
    none: "None of the selected keys can be scheduled for deletion.",
    look: "danger"
  },
  cancel: {
    title: "Cancel deletion of several keys",
    act: (count: number) => `Cancel deletion of ${count}`,
    none: "None of the selected keys is pending deletion.",
    look: "main"
  }
} as const

/** Why a key is left out, by the rules of the server, which decides again. */
const leftOut = (row: KeyRow, intent: Intent): string | undefined => {
  if (row.refused !== undefined) return row.refused.message
  if (row.serviceKey) return "It is managed by a cloud service."
  if (intent === "cancel") return row.state === "PendingDeletion" ? undefined : "No deletion is scheduled."
  if (row.state === "PendingDeletion") return "Its deletion is already scheduled."
  return row.deletionProtection ? "Deletion protection is on." : undefined
}

type Outcome = Refusal | "done"
type Outcomes = ReadonlyMap<string, Outcome>

const callFor = (intent: Intent, keyId: string, { days }: Order): readonly [string, Readonly<Record<string, string>>] =>
  intent === "schedule"
    ? ["ScheduleKeyDeletion", { KeyId: keyId, PendingWindowInDays: days }]
    : ["CancelKeyDeletion", { KeyId: keyId }]

/** One call after another; `outcomes` grows with each. */
const useBulk = (intent: Intent, going: ReadonlyArray<KeyRow>) => {
  const [busy, setBusy] = useState(false)
  const [outcomes, setOutcomes] = useState<Outcomes>(new Map())
  const run = async (order: Order): Promise<void> => {
    setBusy(true)
    const found = new Map<string, Outcome>()
    for (const { keyId } of going) {
      const answer = await callOperation(consoleState().region, ...callFor(intent, keyId, order))
      found.set(keyId, answer.ok ? "done" : answer.refusal)
      setOutcomes(new Map(found))
      await refreshKey(keyId)
    }
    setBusy(false)
    const refused = [...found.values()].filter((outcome) => outcome !== "done").length
    announce(`${found.size - refused} keys changed, ${refused} refused.`)
  }
  return { busy, outcomes, run }
}

export const BulkDialog = ({ rows, intent, onClose }: BulkProps) => {
  const [order, setOrder] = useState(noOrder)
  // The rows change with each call; what was selected stays.
  const [selected] = useState(rows)
  const going = selected.filter((row) => leftOut(row, intent) === undefined)
  const { busy, outcomes, run } = useBulk(intent, going)
  const isFinished = outcomes.size > 0 && !busy
  const word = `delete ${going.length}`
  const lack = (): string | undefined => {
    if (busy) return "Working…"
    if (going.length === 0) return words[intent].none
    return intent === "schedule" ? lackOf(order, word) : undefined
  }
  return (
    <Dialog title={words[intent].title} onClose={onClose} busy={busy}>
      {intent === "schedule" && (
        <Note tone="bad">
          Data encrypted under a deleted key can never be decrypted again. Disabling a key also refuses every use, and
          can be undone.
        </Note>
      )}
      <ul className="stack tight" aria-label="Effect on each key">
        {selected.map((row) => (
          <li key={row.keyId}>
            <strong>{nameOf(row)}</strong> <StateBadge state={row.state} />
            <span className="why">
              <Effect row={row} intent={intent} outcome={outcomes.get(row.keyId)} end={endOf(order)} />
            </span>
          </li>
        ))}
      </ul>
      {intent === "schedule" && !isFinished && (
        <div className="columns">
          <OrderFields order={order} onChange={setOrder} label={`Type “${word}”`} />
        </div>
      )}
      <div className="row end">
        <Button off={busy ? "Calls are in progress." : undefined} onClick={onClose}>
          {isFinished ? "Close" : "Close without changes"}
        </Button>
        {!isFinished && (
          <Button look={words[intent].look} off={lack()} onClick={() => void run(order)}>
            {words[intent].act(going.length)}
          </Button>
        )}
      </div>
    </Dialog>
  )
}

interface EffectProps {
  readonly row: KeyRow
  readonly intent: Intent
  readonly outcome: Outcome | undefined
  readonly end: number | undefined
}

const Effect = ({ row, intent, outcome, end }: EffectProps) => {
  if (outcome !== undefined) return outcome === "done" ? "Done." : refusalWord(outcome)
  const why = leftOut(row, intent)
  if (why !== undefined) return `Left out: ${why}`
  if (intent === "schedule") return <Deletion row={row} end={end} />
  return row.origin === "EXTERNAL" && !row.materialPresent ? "Returns to Pending import." : "Returns to Enabled."
}

const Deletion = ({ row: { aliases = [] }, end }: { readonly row: KeyRow; readonly end: number | undefined }) => (
  <>
    Refuses every use at once; destroyed on {end === undefined ? "its deletion date" : <Moment at={end} />}
    {aliases.length > 0 && `; its aliases are deleted with it: ${aliases.join(", ")}`}
  </>
)
