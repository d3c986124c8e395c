/** Tries a symmetric key: encrypts and decrypts. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Copy, Field, Refused } from "../parts/basic.tsx"
import { ClearText, fromBase64, toBase64, useForgotten } from "./clearText.tsx"
import { t } from "../text/text.ts"

export interface TryProps {
  readonly row: KeyRow
  readonly shown: boolean
}

const contextOf = (text: string): Readonly<Record<string, string>> =>
  text.trim() === "" ? {} : { EncryptionContext: text }

export const Symmetric = ({ row, shown }: TryProps) => {
  const [context, setContext] = useState("")
  const [ciphertext, setCiphertext] = useState("")
  return (
    <div className="columns">
      <Encrypting row={row} shown={shown} context={context} onContext={setContext} onCiphertext={setCiphertext} />
      <Decrypting shown={shown} context={context} ciphertext={ciphertext} onCiphertext={setCiphertext} />
    </div>
  )
}

interface EncryptingProps extends TryProps {
  readonly context: string
  readonly onContext: (context: string) => void
  readonly onCiphertext: (ciphertext: string) => void
}

const Encrypting = ({ row, shown, context, onContext, onCiphertext }: EncryptingProps) => {
  const action = useAction()
  const [plaintext, setPlaintext] = useState("")
  useForgotten(() => setPlaintext(""))
  const run = async (operation: string, given: Readonly<Record<string, string>>): Promise<void> => {
    const reply = await action.run(operation, { KeyId: row.keyId, ...given, ...contextOf(context) })
    if (reply !== undefined) onCiphertext(textAt(reply, "CiphertextBlob"))
  }
  return (
    <section className="card">
      <h2>{t("Encrypt")}</h2>
      <div className="stack">
        <ClearText label={t("Text")} value={plaintext} onChange={setPlaintext} shown={shown} />
        <Field
          label={t("Encryption context")}
          hint={t("JSON such as {example}. Decryption needs the same context.", { example: '{"tenant":"7"}' })}
        >
          {(ids) => (
            <input {...ids} value={context} onChange={(event) => onContext(event.target.value)} spellCheck={false} />
          )}
        </Field>
        <div className="row">
          <Button
            look="main"
            off={plaintext === "" ? t("Enter a text.") : undefined}
            onClick={() => void run("Encrypt", { Plaintext: toBase64(plaintext) })}
          >
            {t("Encrypt")}
          </Button>
          <Button onClick={() => void run("GenerateDataKeyWithoutPlaintext", {})}>{t("Generate data key")}</Button>
        </div>
        <Refused refusal={action.refusal} />
      </div>
    </section>
  )
}

interface DecryptingProps {
  readonly shown: boolean
  readonly context: string
  readonly ciphertext: string
  readonly onCiphertext: (ciphertext: string) => void
}

const Decrypting = ({ shown, context, ciphertext, onCiphertext }: DecryptingProps) => {
  const action = useAction()
  const [decrypted, setDecrypted] = useState("")
  useForgotten(() => setDecrypted(""))
  const decrypt = async (): Promise<void> => {
    setDecrypted("")
    const reply = await action.run("Decrypt", { CiphertextBlob: ciphertext, ...contextOf(context) })
    if (reply !== undefined) setDecrypted(fromBase64(textAt(reply, "Plaintext")))
  }
  return (
    <section className="card">
      <h2>{t("Decrypt")}</h2>
      <div className="stack">
        <Field label={t("Ciphertext")}>
          {(ids) => (
            <textarea
              {...ids}
              rows={4}
              value={ciphertext}
              onChange={(event) => onCiphertext(event.target.value)}
              spellCheck={false}
            />
          )}
        </Field>
        <div className="row">
          <Button
            look="main"
            off={ciphertext === "" ? t("Enter a ciphertext.") : undefined}
            onClick={() => void decrypt()}
          >
            {t("Decrypt")}
          </Button>
          {ciphertext !== "" && <Copy text={ciphertext} what={t("Copy the ciphertext")} />}
        </div>
        <Refused refusal={action.refusal} />
        {decrypted !== "" && <ClearText label={t("Decrypted")} value={decrypted} shown={shown} />}
      </div>
    </section>
  )
}
