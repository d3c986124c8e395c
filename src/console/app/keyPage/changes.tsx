/** The changes of a key's state, begun by a button or by an arrow of the diagram: at once, or in a dialog that confirms. */
import { useState } from "react"
import type { ReactNode } from "react"
import type { KeyRow, Refusal } from "../../protocol.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Choice, Refused } from "../parts/basic.tsx"
import { Dialog, Leave } from "../parts/dialog.tsx"
import { DeleteMaterial } from "./deleteMaterial.tsx"
import { DeletionDialog } from "./deletion.tsx"
import { ImportWizard } from "./importWizard.tsx"
import type { Uses } from "./uses.tsx"
import { rotationChoices, rotationPolicyOf } from "./rotationPolicy.ts"
import { t } from "../text/text.ts"

export interface Changes {
  /** Begins the change that an operation makes. */
  readonly start: (operation: string) => void
  /** Why the last change that needs no dialog was refused. */
  readonly refusal: Refusal | undefined
  readonly busy: boolean
  /** The open dialog, if there is one. */
  readonly dialog: ReactNode
}

interface DialogProps {
  readonly row: KeyRow
  readonly uses: Uses | undefined
  readonly onClose: () => void
}

/** Changes that can be undone by one call and lose nothing: they need no confirmation. */
const atOnce: ReadonlySet<string> = new Set(["EnableKey", "CancelKeyDeletion"])

export const useChanges = (row: KeyRow, uses: Uses | undefined): Changes => {
  const { busy, refusal, run, clear } = useAction()
  const [open, setOpen] = useState<string>()
  const Found = open === undefined ? undefined : dialogs.get(open)
  return {
    start: (operation) => {
      if (atOnce.has(operation)) return void run(operation, { KeyId: row.keyId })
      clear()
      setOpen(operation)
    },
    refusal,
    busy,
    dialog: Found === undefined ? null : <Found row={row} uses={uses} onClose={() => setOpen(undefined)} />
  }
}

const DisableDialog = ({ row, onClose }: DialogProps) => {
  const action = useAction()
  const disable = async (): Promise<void> => {
    if ((await action.run("DisableKey", { KeyId: row.keyId })) === undefined) return
    onClose()
  }
  return (
    <Dialog title={t("Disable key")} onClose={onClose} busy={action.busy}>
      <p>
        {t(
          "A disabled key refuses every use: nothing can be encrypted, decrypted or signed with it. Nothing is lost. You can enable it again at any time."
        )}
      </p>
      {row.rotation === "Enabled" && <p>{t("Automatic rotation is suspended while the key is disabled.")}</p>}
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Leave>{t("Leave it enabled")}</Leave>
        <Button look="main" off={action.busy ? t("Working…") : undefined} onClick={() => void disable()}>
          {t("Disable key")}
        </Button>
      </div>
    </Dialog>
  )
}

const RotationDialog = ({ row, onClose }: DialogProps) => {
  const action = useAction()
  const [chosen, setChosen] = useState(row.rotation === "Enabled" ? "off" : "30d")
  const apply = async (): Promise<void> => {
    const reply = await action.run("UpdateRotationPolicy", { KeyId: row.keyId, ...rotationPolicyOf(chosen) })
    if (reply === undefined) return
    onClose()
  }
  return (
    <Dialog title={t("Automatic rotation")} onClose={onClose} busy={action.busy}>
      <p>
        {t(
          "At each interval a new version is created and becomes primary. Older versions still decrypt what they encrypted."
        )}
      </p>
      <Choice label={t("Rotate")} value={chosen} options={rotationChoices(row)} onChange={setChosen} />
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Leave>{t("Leave it as it is")}</Leave>
        <Button look="main" off={action.busy ? t("Working…") : undefined} onClick={() => void apply()}>
          {t("Apply")}
        </Button>
      </div>
    </Dialog>
  )
}

const dialogs: ReadonlyMap<string, (props: DialogProps) => ReactNode> = new Map([
  ["DisableKey", DisableDialog],
  ["ScheduleKeyDeletion", DeletionDialog],
  ["ImportKeyMaterial", ImportWizard],
  ["DeleteKeyMaterial", DeleteMaterial],
  ["UpdateRotationPolicy", RotationDialog]
])
