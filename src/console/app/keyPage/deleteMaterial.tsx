/** "Delete key material": what is lost, and the confirmation. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Check, Note, Refused } from "../parts/basic.tsx"
import { Dialog, Leave } from "../parts/dialog.tsx"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

export const DeleteMaterial = ({ row, onClose }: { readonly row: KeyRow; readonly onClose: () => void }) => {
  const action = useAction()
  const [hasCopy, setHasCopy] = useState(false)
  const lack = hasCopy ? undefined : t("Tick the box to continue.")
  const off = action.busy ? t("Deleting…") : lack
  const remove = async (): Promise<void> => {
    if ((await action.run("DeleteKeyMaterial", { KeyId: row.keyId })) === undefined) return
    onClose()
  }
  return (
    <Dialog title={t("Delete key material")} onClose={onClose} busy={action.busy}>
      <Note tone="bad">
        {rich(
          "The material is erased at once. Data encrypted under this key cannot be decrypted until the <b>same material</b> is imported again. Without a copy of the material, that data is lost."
        )}
      </Note>
      <p>{t("The key itself remains and waits for its material.")}</p>
      <Check checked={hasCopy} onChange={setHasCopy}>
        {t("I have a copy of this material, or I no longer need the data encrypted with it")}
      </Check>
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Leave>{t("Keep the material")}</Leave>
        <Button look="danger" off={off} onClick={() => void remove()}>
          {t("Delete key material")}
        </Button>
      </div>
    </Dialog>
  )
}
