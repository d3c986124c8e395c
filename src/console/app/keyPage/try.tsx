/** "Try it": a few calls with this key. What is typed or comes out in the clear is masked, kept nowhere, and forgotten when the tab is left. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Check, Choice, Field, Note, Refused } from "../parts/basic.tsx"
import { ClearText, fromBase64, sha256, toBase64, useForgotten } from "./clearText.tsx"
import { Symmetric } from "./trySymmetric.tsx"
import type { TryProps } from "./trySymmetric.tsx"

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
