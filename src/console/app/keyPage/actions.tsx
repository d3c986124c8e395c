/** Buttons that change a key's state. Each is off exactly when the service would refuse it, and shows the reason. */
import { useState } from "react"
import { wayBack } from "../../../../machines/permits.ts"
import { lifecycleStates } from "../../../../machines/vocabulary.ts"
import type { LifecycleState } from "../../../../machines/vocabulary.ts"
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { useAction } from "../data/useAction.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { DeletionDialog } from "./deletion.tsx"

/** The service's hints, reworded for the console. */
const wayBackHere: Readonly<Record<LifecycleState, string>> = {
  ...wayBack,
  PendingImport: "Import the key material first, on the Material tab.",
  Disabled: "Enable the key first.",
  PendingDeletion: "Cancel the deletion first."
}
const inTheConsole: ReadonlyMap<string, string> = new Map(
  lifecycleStates.map((state) => [wayBack[state], wayBackHere[state]])
)

export const whyNot = (allowed: AllowedNow | undefined, operation: string): string | undefined => {
  const found = allowed?.operations.find((one) => one.operation === operation)
  if (found === undefined || found.allowed) return undefined
  return found.hint === undefined ? found.code : (inTheConsole.get(found.hint) ?? found.hint)
}

interface ActionsProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
}

export const Actions = ({ row, allowed }: ActionsProps) => {
  const action = useAction()
  const [open, setOpen] = useState<"disable" | "delete">()
  const run = async (operation: string, said: string): Promise<void> => {
    if ((await action.run(operation, { KeyId: row.keyId })) !== undefined) announce(said)
  }
  const isPending = row.state === "PendingDeletion"
  return (
    <div className="stack tight" style={{ marginBottom: 18 }}>
      <div className="row" role="group" aria-label="Actions">
        {row.state === "Enabled" ? (
          <Button off={whyNot(allowed, "DisableKey")} onClick={() => setOpen("disable")}>
            Disable…
          </Button>
        ) : (
          !isPending && (
            <Button
              look="main"
              off={whyNot(allowed, "EnableKey")}
              onClick={() => void run("EnableKey", "The key is enabled.")}
            >
              Enable
            </Button>
          )
        )}
        {isPending ? (
          <Button
            look="main"
            off={whyNot(allowed, "CancelKeyDeletion")}
            onClick={() => void run("CancelKeyDeletion", "The deletion is cancelled.")}
          >
            Cancel deletion
          </Button>
        ) : (
          <Button look="danger" off={whyNot(allowed, "ScheduleKeyDeletion")} onClick={() => setOpen("delete")}>
            Schedule deletion…
          </Button>
        )}
        <Protection row={row} allowed={allowed} />
      </div>
      <Refused refusal={action.refusal} />
      {open === "disable" && (
        <Dialog title="Disable key" onClose={() => setOpen(undefined)}>
          <p>
            A disabled key refuses every use: nothing can be encrypted, decrypted or signed with it. Nothing is lost.
            You can enable it again at any time.
          </p>
          {row.rotation === "Enabled" && <p>Automatic rotation is suspended while the key is disabled.</p>}
          <div className="row end">
            <Button onClick={() => setOpen(undefined)}>Leave it enabled</Button>
            <Button
              look="main"
              onClick={() => {
                setOpen(undefined)
                void run("DisableKey", "The key is disabled.")
              }}
            >
              Disable key
            </Button>
          </div>
        </Dialog>
      )}
      {open === "delete" && <DeletionDialog row={row} onClose={() => setOpen(undefined)} />}
    </div>
  )
}

const Protection = ({ row, allowed }: ActionsProps) => {
  const action = useAction()
  const switchTo = async (on: boolean): Promise<void> => {
    await action.run("SetDeletionProtection", {
      ProtectedResourceArn: row.arn,
      EnableDeletionProtection: String(on)
    })
  }
  return (
    <>
      <Button off={whyNot(allowed, "SetDeletionProtection")} onClick={() => void switchTo(!row.deletionProtection)}>
        {row.deletionProtection ? "Turn off deletion protection" : "Protect from deletion"}
      </Button>
      <Refused refusal={action.refusal} />
    </>
  )
}
