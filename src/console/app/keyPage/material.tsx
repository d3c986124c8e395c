/** Imported key material: whether it is present and until when, importing it, and deleting it. */
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
  return (
    <section className="card">
      <h2>Key material</h2>
      <div className="stack">
        {row.materialPresent ? (
          <Note tone="good">The key material is present.</Note>
        ) : (
          <Note tone="info">
            There is no key material. Import it to use the key. If it was imported before, only the same material is
            accepted.
          </Note>
        )}
        <dl className="fields">
          <dt>Expires</dt>
          <dd>
            <Expiry row={row} />
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

const Expiry = ({ row }: { readonly row: KeyRow }) => {
  const expires = instant(row.materialExpireTime)
  if (expires === undefined) return row.materialPresent ? "never" : "—"
  return (
    <>
      <Countdown to={expires} what="Expiry of the material" /> <span className="quiet">· {absolute(expires)}</span>
    </>
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
        The material is erased at once. Data encrypted under this key cannot be decrypted until the{" "}
        <strong>same material</strong> is imported again. Without a copy of the material, that data is lost.
      </Note>
      <p>The key itself remains and waits for its material.</p>
      <Check checked={hasCopy} onChange={setHasCopy}>
        I have a copy of this material, or I no longer need the data encrypted with it
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
