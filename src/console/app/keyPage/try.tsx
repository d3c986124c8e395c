/** "Try it": a few calls with this key. What is typed or comes out in the clear is masked, kept nowhere, and forgotten when the tab is left. */
import { useEffect, useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt, useAction } from "../data/useAction.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Check, Choice, Copy, Field, Note, Refused } from "../parts/basic.tsx"

const toBase64 = (text: string): string => {
  let binary = ""
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

/** Text where the bytes are text; the Base64 otherwise. */
const fromBase64 = (base64: string): string => {
  try {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0))
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes)
  } catch {
    return base64
  }
}

const sha256 = async (text: string): Promise<string> => {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
  return btoa(String.fromCharCode(...digest))
}

/** Cleared whenever the reader turns to another tab or window of the browser. */
const useForgotten = (forget: () => void): void => {
  useEffect(() => {
    const onHide = (): void => {
      if (document.visibilityState === "hidden") forget()
    }
    document.addEventListener("visibilitychange", onHide)
    return () => {
      document.removeEventListener("visibilitychange", onHide)
      forget()
    }
  }, [])
}

interface Clear {
  readonly label: string
  readonly value: string
  readonly onChange?: (text: string) => void
  readonly shown: boolean
}

const ClearText = ({ label, value, onChange, shown }: Clear) => (
  <Field label={label}>
    {(ids) => (
      <input
        {...ids}
        type={shown ? "text" : "password"}
        value={value}
        readOnly={onChange === undefined}
        onChange={(event) => onChange?.(event.target.value)}
        autoComplete="off"
        spellCheck={false}
      />
    )}
  </Field>
)

export const TryTab = ({ row }: { readonly row: KeyRow }) => {
  const isSymmetric = row.spec === "Aliyun_AES_256" || row.spec === "Aliyun_SM4"
  const [shown, setShown] = useState(false)
  return (
    <>
      <Note tone="calm">
        These are real calls: the gate, your policies and the audit log see them. Text in the clear is masked, never
        stored, and forgotten when you leave this tab.
      </Note>
      <Check checked={shown} onChange={setShown}>
        Show text in the clear
      </Check>
      {isSymmetric ? <Symmetric row={row} shown={shown} /> : <Asymmetric row={row} shown={shown} />}
    </>
  )
}

interface TryProps {
  readonly row: KeyRow
  readonly shown: boolean
}

const Symmetric = ({ row, shown }: TryProps) => {
  const action = useAction()
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
    const reply = await action.run("Encrypt", { KeyId: row.keyId, Plaintext: toBase64(plaintext), ...withContext })
    if (reply !== undefined) setCiphertext(textAt(reply, "CiphertextBlob"))
  }
  const decrypt = async (): Promise<void> => {
    setDecrypted("")
    const reply = await action.run("Decrypt", { CiphertextBlob: ciphertext, ...withContext })
    if (reply !== undefined) setDecrypted(fromBase64(textAt(reply, "Plaintext")))
  }
  const dataKey = async (): Promise<void> => {
    const reply = await action.run("GenerateDataKeyWithoutPlaintext", { KeyId: row.keyId, ...withContext })
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
          {decrypted !== "" && <ClearText label="Decrypted" value={decrypted} shown={shown} />}
        </div>
      </section>
      <Refused refusal={action.refusal} />
    </div>
  )
}

const algorithmsOf = ({ spec, usage }: KeyRow): ReadonlyArray<string> => {
  if (usage === "ENCRYPT/DECRYPT") return spec === "EC_SM2" ? ["SM2PKE"] : ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"]
  if (spec.startsWith("RSA")) return ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"]
  return spec === "EC_SM2" ? ["SM2DSA"] : ["ECDSA_SHA_256"]
}

const Asymmetric = ({ row, shown }: TryProps) => {
  const { region } = useConsole()
  const action = useAction()
  const versions = useLoaded(
    () => callOperation(region, "ListKeyVersions", { KeyId: row.keyId, PageSize: "100" }),
    `${region} ${row.keyId} ${row.epoch}`
  )
  const ids = listAt(versions.reply, "KeyVersions", "KeyVersion").map((version) => textAt(version, "KeyVersionId"))
  const algorithms = algorithmsOf(row)
  const [chosen, setChosen] = useState("")
  const [algorithm, setAlgorithm] = useState(algorithms[0] ?? "")
  const [text, setText] = useState("")
  const [output, setOutput] = useState("")
  const [said, setSaid] = useState("")
  useForgotten(() => {
    setText("")
    setSaid("")
  })
  const version = chosen === "" ? (ids[0] ?? "") : chosen
  const signs = row.usage === "SIGN/VERIFY"
  const common = { KeyId: row.keyId, KeyVersionId: version, Algorithm: algorithm }

  const forth = async (): Promise<void> => {
    setSaid("")
    const reply = signs
      ? await action.run("AsymmetricSign", { ...common, Digest: await sha256(text) })
      : await action.run("AsymmetricEncrypt", { ...common, Plaintext: toBase64(text) })
    if (reply !== undefined) setOutput(textAt(reply, signs ? "Value" : "CiphertextBlob"))
  }
  const back = async (): Promise<void> => {
    setSaid("")
    const reply = signs
      ? await action.run("AsymmetricVerify", { ...common, Digest: await sha256(text), Value: output })
      : await action.run("AsymmetricDecrypt", { ...common, CiphertextBlob: output })
    if (reply === undefined) return
    if (!signs) return setSaid(fromBase64(textAt(reply, "Plaintext")))
    setSaid(textAt(reply, "Value") === "true" ? "The signature is right." : "The signature is wrong.")
  }
  const publicKey = async (): Promise<void> => {
    const reply = await action.run("GetPublicKey", { KeyId: row.keyId, KeyVersionId: version })
    if (reply !== undefined) setOutput(textAt(reply, "PublicKey"))
  }
  const digestNote =
    algorithm === "SM2DSA" ? "SM2DSA signs an SM3 digest, which browsers cannot make; use the command line." : undefined
  return (
    <section className="card">
      <h2>{signs ? "Sign and verify" : "Encrypt and decrypt"}</h2>
      <div className="stack">
        <div className="columns">
          <Choice label="Version" value={version} options={ids.map((id) => [id, id] as const)} onChange={setChosen} />
          <Choice
            label="Algorithm"
            value={algorithm}
            options={algorithms.map((name) => [name, name] as const)}
            onChange={setAlgorithm}
          />
        </div>
        <ClearText
          label={signs ? "Text to sign (its SHA-256 is sent)" : "Text"}
          value={text}
          onChange={setText}
          shown={shown}
        />
        <div className="row">
          <Button
            look="main"
            off={digestNote ?? (text === "" ? "There is no text." : undefined)}
            onClick={() => void forth()}
          >
            {signs ? "Sign" : "Encrypt"}
          </Button>
          <Button
            off={digestNote ?? (output === "" ? "There is nothing to look at yet." : undefined)}
            onClick={() => void back()}
          >
            {signs ? "Verify" : "Decrypt"}
          </Button>
          <Button onClick={() => void publicKey()}>Get public key</Button>
        </div>
        <Field label={signs ? "Signature" : "Ciphertext"}>
          {(fieldIds) => (
            <textarea
              {...fieldIds}
              rows={5}
              value={output}
              onChange={(event) => setOutput(event.target.value)}
              spellCheck={false}
            />
          )}
        </Field>
        {said !== "" &&
          (signs ? <p role="status">{said}</p> : <ClearText label="Decrypted" value={said} shown={shown} />)}
        <Refused refusal={action.refusal} />
      </div>
    </section>
  )
}
