/** The last step of an import: the wrapped material, its token, and until when it is valid. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { lifecycleNow } from "../data/store.ts"
import { instant } from "../data/time.ts"
import type { Action } from "../data/useAction.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Check, Field, Note, Refused } from "../parts/basic.tsx"

interface BringProps {
  readonly row: KeyRow
  readonly token: string
  readonly action: Action
  readonly onBack: () => void
  readonly onClose: () => void
}

/** Larger than any of the two ever is. */
const fileBytesMax = 4096
const base64Form = /^[A-Za-z0-9+/\s]+=*\s*$/

/** Base64 as it is; what OpenSSL wrote before that was made of it, bytes, becomes it here. */
const base64In = async (file: File): Promise<string | undefined> => {
  if (file.size === 0 || file.size > fileBytesMax) return undefined
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = String.fromCharCode(...bytes)
  return base64Form.test(text) ? text.replaceAll(/\s/g, "") : btoa(text)
}

/** Wrapped material is longer than any key: what is not, was not wrapped, and must not be sent. */
const isUnwrapped = (base64: string): boolean => base64 !== "" && base64.replaceAll(/[\s=]/g, "").length <= 86

interface UploadProps {
  readonly label: string
  /** What the file is called that has it. */
  readonly files: string
  readonly value: string
  readonly onChange: (text: string) => void
}

const Upload = ({ label, files, value, onChange }: UploadProps) => {
  const [fault, setFault] = useState<string>()
  const take = async (file: File): Promise<void> => {
    const text = await base64In(file)
    setFault(text === undefined ? `${file.name} is empty, or too large to be this.` : undefined)
    if (text !== undefined) onChange(text)
  }
  return (
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
      <Field label={`${label}, from a file`} hint={files}>
        {(ids) => (
          <input
            {...ids}
            type="file"
            onChange={(event) => {
              const file = event.target.files?.[0]
              if (file !== undefined) void take(file)
            }}
          />
        )}
      </Field>
      {fault !== undefined && <Note tone="bad">{fault}</Note>}
    </>
  )
}

export const Bring = ({ row, token: given, action, onBack, onClose }: BringProps) => {
  const [material, setMaterial] = useState("")
  const [token, setToken] = useState(given)
  const [expires, setExpires] = useState(false)
  const [until, setUntil] = useState("")
  const untilMillis = instant(until === "" ? "" : `${until}Z`)
  const off = action.busy
    ? "Importing…"
    : material === "" || token === ""
      ? "The wrapped material and the token are both needed."
      : isUnwrapped(material)
        ? "This is too short to be wrapped: wrap it first, as step 2 says."
        : expires && (untilMillis === undefined || untilMillis <= lifecycleNow())
          ? "The material must expire at an instant still to come."
          : undefined
  /** A refusal is of what was sent, and no longer of what stands there. */
  const changed = (set: (text: string) => void) => (text: string) => {
    action.clear()
    set(text)
  }
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
      <Upload
        label="Encrypted key material"
        files="EncryptedKeyMaterial_base64.txt, or the .bin that it was made of"
        value={material}
        onChange={changed(setMaterial)}
      />
      <Upload label="Import token" files="ImportToken.txt" value={token} onChange={changed(setToken)} />
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
        <Button off={action.busy ? "The material is being imported." : undefined} onClick={onBack}>
          Back
        </Button>
        <Button look="main" off={off} onClick={() => void bring()}>
          Import
        </Button>
      </div>
    </>
  )
}
