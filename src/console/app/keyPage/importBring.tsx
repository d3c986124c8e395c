/** The last step of an import: the encrypted material, its token, and its expiry. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { lifecycleNow } from "../data/store.ts"
import { instant } from "../data/time.ts"
import type { Action } from "../data/useAction.ts"
import { Button, Check, Field, Note, Refused } from "../parts/basic.tsx"
import { t } from "../text/text.ts"

/** What a person has entered so far. The wizard keeps it while earlier steps are shown. */
export interface Draft {
  readonly material: string
  readonly token: string
  readonly expires: boolean
  /** As the field for a time has it. */
  readonly until: string
}

export const noDraft: Draft = { material: "", token: "", expires: false, until: "" }

interface BringProps {
  readonly row: KeyRow
  readonly draft: Draft
  readonly onChange: (change: Partial<Draft>) => void
  readonly action: Action
  readonly onBack: () => void
  readonly onClose: () => void
}

/** Larger than encrypted material or a token ever is. */
const fileBytesMax = 4096
const base64Form = /^[A-Za-z0-9+/\s]+=*\s*$/

/** Takes Base64 as it is, and encodes the bytes that OpenSSL writes before its Base64 step. */
const base64In = async (file: File): Promise<string | undefined> => {
  if (file.size === 0 || file.size > fileBytesMax) return undefined
  const bytes = new Uint8Array(await file.arrayBuffer())
  const text = String.fromCharCode(...bytes)
  return base64Form.test(text) ? text.replaceAll(/\s/g, "") : btoa(text)
}

/** Encrypted material is longer than any key. Shorter input is plain material, and must not be sent. */
const isUnwrapped = (base64: string): boolean => base64 !== "" && base64.replaceAll(/[\s=]/g, "").length <= 86

interface UploadProps {
  readonly label: string
  /** The names of files that hold it. */
  readonly files: string
  readonly value: string
  readonly onChange: (text: string) => void
}

const Upload = ({ label, files, value, onChange }: UploadProps) => {
  const [fault, setFault] = useState<string>()
  const take = async (file: File): Promise<void> => {
    const text = await base64In(file)
    setFault(text === undefined ? t("{name} is empty or too large.", { name: file.name }) : undefined)
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
      <Field label={t("{label}, from a file", { label })} hint={files}>
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

/** Why the import cannot start yet. */
const lackOf = (material: string, token: string, isTooEarly: boolean): string | undefined => {
  if (material === "" || token === "") return t("Enter both the encrypted key material and the import token.")
  if (isUnwrapped(material)) return t("This is too short to be encrypted material. Encrypt it first, as in step 2.")
  return isTooEarly ? t("The expiry must be in the future.") : undefined
}

export const Bring = ({ row, draft, onChange, action, onBack, onClose }: BringProps) => {
  const { material, token, expires, until } = draft
  const untilMillis = instant(until === "" ? "" : `${until}Z`)
  const isTooEarly = expires && (untilMillis === undefined || untilMillis <= lifecycleNow())
  const off = action.busy ? t("Importing…") : lackOf(material, token, isTooEarly)
  /** A refusal is about what was sent; an edit makes it outdated. */
  const change = (changed: Partial<Draft>): void => {
    action.clear()
    onChange(changed)
  }
  const bring = async (): Promise<void> => {
    const reply = await action.run("ImportKeyMaterial", {
      KeyId: row.keyId,
      EncryptedKeyMaterial: material.trim(),
      ImportToken: token.trim(),
      KeyMaterialExpireUnix: expires && untilMillis !== undefined ? String(Math.floor(untilMillis / 1000)) : "0"
    })
    if (reply === undefined) return
    onClose()
  }
  return (
    <>
      <Upload
        label={t("Encrypted key material")}
        files={t("{file} or {other}", { file: "EncryptedKeyMaterial_base64.txt", other: "EncryptedKeyMaterial.bin" })}
        value={material}
        onChange={(text) => change({ material: text })}
      />
      <Upload
        label={t("Import token")}
        files="ImportToken.txt"
        value={token}
        onChange={(text) => change({ token: text })}
      />
      <Check checked={expires} onChange={(isOn) => change({ expires: isOn })}>
        {t("The material expires")}
      </Check>
      {expires && (
        <Field
          label={t("Valid until (UTC)")}
          hint={t("At this time the material is erased, and the key waits for it to be imported again.")}
        >
          {(ids) => (
            <input
              {...ids}
              type="datetime-local"
              value={until}
              onChange={(event) => change({ until: event.target.value })}
            />
          )}
        </Field>
      )}
      <Refused refusal={action.refusal} />
      {action.refusal?.code === "ExpiredImportToken" && (
        <Note tone="info">
          {t("Go back to step 1 for a new public key and token, and encrypt the material again.")}
        </Note>
      )}
      <div className="row end">
        <Button off={action.busy ? t("The material is being imported.") : undefined} onClick={onBack}>
          {t("Back")}
        </Button>
        <Button look="main" off={off} onClick={() => void bring()}>
          {t("Import")}
        </Button>
      </div>
    </>
  )
}
