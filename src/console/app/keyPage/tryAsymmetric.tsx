/** Tries an asymmetric key: signs and verifies, or encrypts and decrypts. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { callOperation } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { listAt, textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Choice, Field, Refused } from "../parts/basic.tsx"
import { ClearText, fromBase64, sha256, toBase64, useForgotten } from "./clearText.tsx"
import type { TryProps } from "./trySymmetric.tsx"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

const algorithmsOf = ({ spec, usage }: KeyRow): ReadonlyArray<string> => {
  if (usage === "ENCRYPT/DECRYPT") return spec === "EC_SM2" ? ["SM2PKE"] : ["RSAES_OAEP_SHA_256", "RSAES_OAEP_SHA_1"]
  if (spec.startsWith("RSA")) return ["RSA_PSS_SHA_256", "RSA_PKCS1_SHA_256"]
  return spec === "EC_SM2" ? ["SM2DSA"] : ["ECDSA_SHA_256"]
}

/** One direction and back: sign and verify, or encrypt and decrypt. */
interface Pair {
  readonly title: PlainText
  readonly input: PlainText
  readonly output: PlainText
  readonly noOutput: PlainText
  readonly forth: PlainText
  readonly back: PlainText
  readonly forthOperation: string
  readonly backOperation: string
  /** Member of the reply, and of the way back's request, that holds the output. */
  readonly member: string
  readonly parametersOf: (text: string) => Promise<Readonly<Record<string, string>>>
}

const signing: Pair = {
  title: "Sign and verify",
  input: "Text to sign (its SHA-256 is sent)",
  output: "Signature",
  noOutput: "Enter a signature.",
  forth: "Sign",
  back: "Verify",
  forthOperation: "AsymmetricSign",
  backOperation: "AsymmetricVerify",
  member: "Value",
  parametersOf: async (text) => ({ Digest: await sha256(text) })
}

const encrypting: Pair = {
  title: "Encrypt and decrypt",
  input: "Text",
  output: "Ciphertext",
  noOutput: "Enter a ciphertext.",
  forth: "Encrypt",
  back: "Decrypt",
  forthOperation: "AsymmetricEncrypt",
  backOperation: "AsymmetricDecrypt",
  member: "CiphertextBlob",
  parametersOf: async (text) => ({ Plaintext: toBase64(text) })
}

const useVersionIds = ({ keyId, epoch }: KeyRow): ReadonlyArray<string> => {
  const { region } = useConsole()
  const { reply } = useLoaded(
    () => callOperation(region, "ListKeyVersions", { KeyId: keyId, PageSize: "100" }),
    `${region} ${keyId} ${epoch}`
  )
  return listAt(reply, "KeyVersions", "KeyVersion").map((version) => textAt(version, "KeyVersionId"))
}

interface Chosen {
  readonly version: string
  readonly algorithm: string
}

/** What was entered and answered, and the calls that change it. */
const useTry = ({ keyId }: KeyRow, pair: Pair, { version, algorithm }: Chosen) => {
  const action = useAction()
  const [text, setText] = useState("")
  const [output, setOutput] = useState("")
  const [said, setSaid] = useState("")
  useForgotten(() => {
    setText("")
    setSaid("")
  })
  const named = { KeyId: keyId, KeyVersionId: version }
  const forth = async (): Promise<void> => {
    setSaid("")
    const given = { ...named, Algorithm: algorithm, ...(await pair.parametersOf(text)) }
    const reply = await action.run(pair.forthOperation, given)
    if (reply !== undefined) setOutput(textAt(reply, pair.member))
  }
  const back = async (): Promise<void> => {
    setSaid("")
    const digest = pair === signing ? await pair.parametersOf(text) : {}
    const given = { ...named, Algorithm: algorithm, ...digest, [pair.member]: output }
    const reply = await action.run(pair.backOperation, given)
    if (reply === undefined) return
    if (pair === encrypting) return setSaid(fromBase64(textAt(reply, "Plaintext")))
    setSaid(textAt(reply, "Value") === "true" ? t("The signature is valid.") : t("The signature is invalid."))
  }
  const publicKey = async (): Promise<void> => {
    const reply = await action.run("GetPublicKey", named)
    if (reply !== undefined) setOutput(textAt(reply, "PublicKey"))
  }
  return { refusal: action.refusal, text, setText, output, setOutput, said, forth, back, publicKey }
}

type Try = ReturnType<typeof useTry>

const noDigest: PlainText = "SM2DSA signs an SM3 digest, which browsers cannot compute. Use the command line."

export const Asymmetric = ({ row, shown }: TryProps) => {
  const pair = row.usage === "SIGN/VERIFY" ? signing : encrypting
  const ids = useVersionIds(row)
  const algorithms = algorithmsOf(row)
  const [chosen, setChosen] = useState("")
  const [algorithm, setAlgorithm] = useState(algorithms[0] ?? "")
  const version = chosen === "" ? (ids[0] ?? "") : chosen
  const tried = useTry(row, pair, { version, algorithm })
  return (
    <section className="card">
      <h2>{t(pair.title)}</h2>
      <div className="stack">
        <div className="columns">
          <Choice
            label={t("Version")}
            value={version}
            options={ids.map((id) => [id, id] as const)}
            onChange={setChosen}
          />
          <Choice
            label={t("Algorithm")}
            value={algorithm}
            options={algorithms.map((name) => [name, name] as const)}
            onChange={setAlgorithm}
          />
        </div>
        <ClearText label={t(pair.input)} value={tried.text} onChange={tried.setText} shown={shown} />
        <Buttons pair={pair} tried={tried} off={algorithm === "SM2DSA" ? t(noDigest) : undefined} />
        <Field label={t(pair.output)}>
          {(fieldIds) => (
            <textarea
              {...fieldIds}
              rows={5}
              value={tried.output}
              onChange={(event) => tried.setOutput(event.target.value)}
              spellCheck={false}
            />
          )}
        </Field>
        <Answer pair={pair} said={tried.said} shown={shown} />
        <Refused refusal={tried.refusal} />
      </div>
    </section>
  )
}

interface ButtonsProps {
  readonly pair: Pair
  readonly tried: Try
  readonly off: string | undefined
}

const Buttons = ({ pair, tried, off }: ButtonsProps) => (
  <div className="row">
    <Button
      look="main"
      off={off ?? (tried.text === "" ? t("Enter a text.") : undefined)}
      onClick={() => void tried.forth()}
    >
      {t(pair.forth)}
    </Button>
    <Button off={off ?? (tried.output === "" ? t(pair.noOutput) : undefined)} onClick={() => void tried.back()}>
      {t(pair.back)}
    </Button>
    <Button onClick={() => void tried.publicKey()}>{t("Get public key")}</Button>
  </div>
)

interface AnswerProps {
  readonly pair: Pair
  readonly said: string
  readonly shown: boolean
}

const Answer = ({ pair, said, shown }: AnswerProps) => {
  if (said === "") return null
  return pair === signing ? (
    <p role="status">{said}</p>
  ) : (
    <ClearText label={t("Decrypted")} value={said} shown={shown} />
  )
}
