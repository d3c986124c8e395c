/** "Schedule deletion": the consequences first, disabling as the better choice, and only then the name to be typed. */
import { useState } from "react"
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { nameOf } from "../data/keys.ts"
import { absolute } from "../data/time.ts"
import { useAction } from "../data/useAction.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Note, Refused } from "../parts/basic.tsx"
import { endOf, lackOf, noOrder, OrderFields } from "../parts/deletionOrder.tsx"
import { Dialog } from "../parts/dialog.tsx"

interface DeletionProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
  readonly onClose: () => void
}

export const DeletionDialog = ({ row, onClose }: DeletionProps) => {
  const action = useAction()
  const [order, setOrder] = useState(noOrder)
  const [isSure, setIsSure] = useState(false)
  const end = endOf(order)
  const word = row.aliases?.[0] ?? row.keyId
  const canDisable = row.state === "Enabled"
  const off = action.busy ? "Working…" : lackOf(order, word)

  const schedule = async (): Promise<void> => {
    const reply = await action.run("ScheduleKeyDeletion", { KeyId: row.keyId, PendingWindowInDays: order.days })
    if (reply === undefined) return
    announce("The deletion is scheduled. It can be cancelled until its date.")
    onClose()
  }
  const disable = async (): Promise<void> => {
    if ((await action.run("DisableKey", { KeyId: row.keyId })) === undefined) return
    announce("The key is disabled.")
    onClose()
  }

  return (
    <Dialog title={`Delete ${nameOf(row)}?`} onClose={onClose} busy={action.busy}>
      <Note tone="bad">
        <ul className="stack tight">
          <li>
            Every use is refused <strong>at once</strong>.
          </li>
          <li>
            After {end === undefined ? "its date" : <strong>{absolute(end)}</strong>} whatever was encrypted under{" "}
            {row.versions === 1 ? "its version" : `its ${row.versions} versions`} can never be decrypted again, by
            anybody.
          </li>
          {(row.aliases?.length ?? 0) > 0 && (
            <li>
              {row.aliases?.length === 1 ? "Its alias goes" : `Its ${row.aliases?.length} aliases go`} with it:{" "}
              {row.aliases?.join(", ")}.
            </li>
          )}
          <li>Until then the deletion can be cancelled, and attempts to use the key are reported.</li>
        </ul>
      </Note>
      <p>
        {canDisable
          ? "Disabling refuses every use as well, and can be undone at any time."
          : `The key is ${row.state} already: it refuses every use, and nothing is lost as long as it stays so.`}
      </p>
      <Refused refusal={action.refusal} />
      {!isSure ? (
        <div className="row end">
          <Button onClick={onClose}>Keep the key</Button>
          <Button look="danger" onClick={() => setIsSure(true)}>
            Delete it all the same…
          </Button>
          {canDisable && (
            <Button look="main" off={action.busy ? "Working…" : undefined} onClick={() => void disable()}>
              Disable instead
            </Button>
          )}
        </div>
      ) : (
        <>
          <OrderFields
            order={order}
            onChange={setOrder}
            label="Type the key's name to go on"
            hint={<code>{word}</code>}
          />
          <div className="row end">
            <Button onClick={onClose}>Keep the key</Button>
            <Button look="danger" off={off} onClick={() => void schedule()}>
              Schedule deletion
            </Button>
          </div>
        </>
      )}
    </Dialog>
  )
}
