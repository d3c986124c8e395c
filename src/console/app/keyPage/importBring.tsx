/** The last step of an import: the wrapped material, its token, and until when it is valid. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { lifecycleNow } from "../data/store.ts"
import { instant } from "../data/time.ts"
import { useAction } from "../data/useAction.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Check, Field, Refused } from "../parts/basic.tsx"

interface BringProps {
  readonly row: KeyRow
  readonly token: string
  readonly onBack: () => void
  readonly onClose: () => void
}

const Upload = ({
  label,
  value,
  onChange
}: {
  readonly label: string
  readonly value: string
  readonly onChange: (text: string) => void
}) => (
  <>
    <Field label={label}>
      {(ids) => (
        <textarea
          {...ids}
          rows={3}
          value={value}
          onChange={(event) => onChange(event.target.value)}
          spellCheck={false}
        />
      )}
    </Field>
    <Field label={`${label}, from a file`}>
      {(ids) => (
        <input
          {...ids}
          type="file"
          accept=".txt,text/plain"
          onChange={(event) => {
            const file = event.target.files?.[0]
            if (file !== undefined) void file.text().then((text) => onChange(text.trim()))
          }}
        />
      )}
    </Field>
  </>
)

export const Bring = ({ row, token: given, onBack, onClose }: BringProps) => {
  const action = useAction()
  const [material, setMaterial] = useState("")
  const [token, setToken] = useState(given)
  const [expires, setExpires] = useState(false)
  const [until, setUntil] = useState("")
  const untilMillis = instant(until === "" ? "" : `${until}Z`)
  const off = action.busy
    ? "Importing…"
    : material === "" || token === ""
      ? "The wrapped material and the token are both needed."
      : expires && (untilMillis === undefined || untilMillis <= lifecycleNow())
        ? "The material must expire at an instant still to come."
        : undefined
  const bring = async (): Promise<void> => {
    const reply = await action.run("ImportKeyMaterial", {
      KeyId: row.keyId,
      EncryptedKeyMaterial: material.trim(),
      ImportToken: token.trim(),
      KeyMaterialExpireUnix: expires && untilMillis !== undefined ? String(Math.floor(untilMillis / 1000)) : "0"
    })
    if (reply === undefined) return
    announce("The material is imported.")
    onClose()
  }
  return (
    <>
      <Upload label="Encrypted key material" value={material} onChange={setMaterial} />
      <Upload label="Import token" value={token} onChange={setToken} />
      <Check checked={expires} onChange={setExpires}>
        The material expires
      </Check>
      {expires && (
        <Field label="Valid until (UTC)" hint="At that instant the material is erased and the key waits for it again.">
          {(ids) => (
            <input {...ids} type="datetime-local" value={until} onChange={(event) => setUntil(event.target.value)} />
          )}
        </Field>
      )}
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Button onClick={onBack}>Back</Button>
        <Button look="main" off={off} onClick={() => void bring()}>
          Import
        </Button>
      </div>
    </>
  )
}
