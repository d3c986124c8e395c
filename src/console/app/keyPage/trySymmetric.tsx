/** Encrypting and decrypting with a symmetric key, for a try. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Copy, Field, Refused } from "../parts/basic.tsx"
import { ClearText, fromBase64, toBase64, useForgotten } from "./clearText.tsx"

export interface TryProps {
  readonly row: KeyRow
  readonly shown: boolean
}

export const Symmetric = ({ row, shown }: TryProps) => {
  const sealing = useAction()
  const opening = useAction()
  const [plaintext, setPlaintext] = useState("")
  const [context, setContext] = useState("")
  const [ciphertext, setCiphertext] = useState("")
  const [decrypted, setDecrypted] = useState("")
  useForgotten(() => {
    setPlaintext("")
    setDecrypted("")
  })
  const withContext = context.trim() === "" ? {} : { EncryptionContext: context }
  const encrypt = async (): Promise<void> => {
    const reply = await sealing.run("Encrypt", { KeyId: row.keyId, Plaintext: toBase64(plaintext), ...withContext })
    if (reply !== undefined) setCiphertext(textAt(reply, "CiphertextBlob"))
  }
  const decrypt = async (): Promise<void> => {
    setDecrypted("")
    const reply = await opening.run("Decrypt", { CiphertextBlob: ciphertext, ...withContext })
    if (reply !== undefined) setDecrypted(fromBase64(textAt(reply, "Plaintext")))
  }
  const dataKey = async (): Promise<void> => {
    const reply = await sealing.run("GenerateDataKeyWithoutPlaintext", { KeyId: row.keyId, ...withContext })
    if (reply !== undefined) setCiphertext(textAt(reply, "CiphertextBlob"))
  }
  return (
    <div className="columns">
      <section className="card">
        <h2>Encrypt</h2>
        <div className="stack">
          <ClearText label="Text" value={plaintext} onChange={setPlaintext} shown={shown} />
          <Field label="Encryption context" hint='JSON, such as {"tenant":"7"}; needed again to decrypt.'>
            {(ids) => (
              <input {...ids} value={context} onChange={(event) => setContext(event.target.value)} spellCheck={false} />
            )}
          </Field>
          <div className="row">
            <Button
              look="main"
              off={plaintext === "" ? "There is nothing to encrypt." : undefined}
              onClick={() => void encrypt()}
            >
              Encrypt
            </Button>
            <Button onClick={() => void dataKey()}>Make a data key</Button>
          </div>
          <Refused refusal={sealing.refusal} />
        </div>
      </section>
      <section className="card">
        <h2>Decrypt</h2>
        <div className="stack">
          <Field label="Ciphertext">
            {(ids) => (
              <textarea
                {...ids}
                rows={4}
                value={ciphertext}
                onChange={(event) => setCiphertext(event.target.value)}
                spellCheck={false}
              />
            )}
          </Field>
          <div className="row">
            <Button
              look="main"
              off={ciphertext === "" ? "There is nothing to decrypt." : undefined}
              onClick={() => void decrypt()}
            >
              Decrypt
            </Button>
            {ciphertext !== "" && <Copy text={ciphertext} what="the ciphertext" />}
          </div>
          <Refused refusal={opening.refusal} />
          {decrypted !== "" && <ClearText label="Decrypted" value={decrypted} shown={shown} />}
        </div>
      </section>
    </div>
  )
}
