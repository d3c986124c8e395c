/** Imported material: what is here and until when, bringing it in, and taking it out again. */
import { useState } from "react"
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { absolute, instant } from "../data/time.ts"
import { useAction } from "../data/useAction.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Check, Note, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { Countdown } from "../parts/moment.tsx"
import { whyNot } from "./actions.tsx"
import { ImportWizard } from "./importWizard.tsx"

interface MaterialProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
}

export const MaterialTab = ({ row, allowed }: MaterialProps) => {
  const [open, setOpen] = useState<"import" | "delete">()
  const expires = instant(row.materialExpireTime)
  return (
    <section className="card">
      <h2>Key material</h2>
      <div className="stack">
        {row.materialPresent ? (
          <Note tone="good">The material is here.</Note>
        ) : (
          <Note tone="info">
            The material is not here. The key can be used once it is imported; if it was here before, only the same
            material is taken.
          </Note>
        )}
        <dl className="fields">
          <dt>Expires</dt>
          <dd>
            {expires === undefined ? (
              row.materialPresent ? (
                "never"
              ) : (
                "—"
              )
            ) : (
              <>
                <Countdown to={expires} what="Expiry of the material" />{" "}
                <span className="quiet">· {absolute(expires)}</span>
              </>
            )}
          </dd>
        </dl>
        <div className="row">
          <Button look="main" off={whyNot(allowed, "ImportKeyMaterial")} onClick={() => setOpen("import")}>
            {row.materialPresent ? "Import again…" : "Import key material…"}
          </Button>
          <Button
            look="danger"
            off={row.materialPresent ? whyNot(allowed, "DeleteKeyMaterial") : "There is no material to delete."}
            onClick={() => setOpen("delete")}
          >
            Delete key material…
          </Button>
        </div>
      </div>
      {open === "import" && <ImportWizard row={row} onClose={() => setOpen(undefined)} />}
      {open === "delete" && <DeleteMaterial row={row} onClose={() => setOpen(undefined)} />}
    </section>
  )
}

const DeleteMaterial = ({ row, onClose }: { readonly row: KeyRow; readonly onClose: () => void }) => {
  const action = useAction()
  const [hasCopy, setHasCopy] = useState(false)
  const lack = hasCopy ? undefined : "Tick the box to continue."
  const off = action.busy ? "Deleting…" : lack
  const remove = async (): Promise<void> => {
    if ((await action.run("DeleteKeyMaterial", { KeyId: row.keyId })) === undefined) return
    announce("The material is deleted.")
    onClose()
  }
  return (
    <Dialog title="Delete key material" onClose={onClose} busy={action.busy}>
      <Note tone="bad">
        The material is erased at once. Nothing encrypted under this key can be decrypted until the{" "}
        <strong>same material</strong> is imported again; if you have no copy of it, never.
      </Note>
      <p>The key itself stays, and waits for its material.</p>
      <Check checked={hasCopy} onChange={setHasCopy}>
        I have a copy of this material, or do not need what it encrypted
      </Check>
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Button onClick={onClose}>Keep the material</Button>
        <Button look="danger" off={off} onClick={() => void remove()}>
          Delete key material
        </Button>
      </div>
    </Dialog>
  )
}
