/** The import of key material in three steps: algorithm, encryption with OpenSSL, upload (User guide 4.3). */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { instant } from "../data/time.ts"
import { textAt } from "../data/replies.ts"
import { useAction } from "../data/useAction.ts"
import type { Action } from "../data/useAction.ts"
import { Button, Choice, Copy, Note, Refused } from "../parts/basic.tsx"
import { Dialog, Leave } from "../parts/dialog.tsx"
import { downloadText } from "../parts/download.ts"
import { Countdown } from "../parts/moment.tsx"
import { Bring, noDraft } from "./importBring.tsx"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

/** The OpenSSL options of each algorithm. */
const algorithms = {
  RSAES_OAEP_SHA_256: "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 -pkeyopt rsa_mgf1_md:sha256",
  RSAES_OAEP_SHA_1: "-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1",
  RSAES_PKCS1_V1_5: "-pkeyopt rsa_padding_mode:pkcs1"
} as const

type Algorithm = keyof typeof algorithms
const isAlgorithm = (text: string): text is Algorithm => Object.hasOwn(algorithms, text)

const commandsOf = (algorithm: Algorithm): string =>
  [
    "openssl rand -out KeyMaterial.bin 32",
    "openssl enc -d -base64 -A -in PublicKey_base64.txt -out PublicKey.bin",
    `openssl pkeyutl -encrypt -pubin -keyform DER -inkey PublicKey.bin ${algorithms[algorithm]} -in KeyMaterial.bin -out EncryptedKeyMaterial.bin`,
    "openssl enc -e -base64 -A -in EncryptedKeyMaterial.bin -out EncryptedKeyMaterial_base64.txt"
  ].join("\n")

interface Parameters {
  /** The algorithm of the token; the choice in step 1 may have changed since. */
  readonly algorithm: Algorithm
  readonly publicKey: string
  readonly token: string
  readonly expiresAt: number | undefined
}

interface WizardProps {
  readonly row: KeyRow
  readonly onClose: () => void
}

export const ImportWizard = ({ row, onClose }: WizardProps) => {
  const [algorithm, setAlgorithm] = useState<Algorithm>("RSAES_OAEP_SHA_256")
  const [parameters, setParameters] = useState<Parameters>()
  const [draft, setDraft] = useState(noDraft)
  const [step, setStep] = useState(1)
  const obtaining = useAction()
  const bringing = useAction()
  return (
    <Dialog
      title={t("Import key material: step {step} of 3", { step })}
      onClose={onClose}
      busy={obtaining.busy || bringing.busy}
    >
      {step === 1 && (
        <Obtain
          row={row}
          algorithm={algorithm}
          onAlgorithm={setAlgorithm}
          action={obtaining}
          onDone={(obtained) => {
            // Material that was encrypted for another token cannot be imported with this one.
            setDraft({ ...draft, material: "", token: obtained.token })
            setParameters(obtained)
            setStep(2)
          }}
          onSkip={() => {
            // The person's own token was not obtained in this dialog.
            if (parameters !== undefined) setDraft({ ...draft, material: "", token: "" })
            obtaining.clear()
            setParameters(undefined)
            setStep(3)
          }}
        />
      )}
      {step === 2 && parameters !== undefined && (
        <Wrap parameters={parameters} onBack={() => setStep(1)} onDone={() => setStep(3)} />
      )}
      {step === 3 && (
        <Bring
          row={row}
          draft={draft}
          onChange={(change) => setDraft((last) => ({ ...last, ...change }))}
          action={bringing}
          onBack={() => {
            bringing.clear()
            setStep(parameters === undefined ? 1 : 2)
          }}
          onClose={onClose}
        />
      )}
    </Dialog>
  )
}

interface ObtainProps {
  readonly row: KeyRow
  readonly algorithm: Algorithm
  readonly onAlgorithm: (algorithm: Algorithm) => void
  readonly onDone: (parameters: Parameters) => void
  readonly onSkip: () => void
  readonly action: Action
}

const Obtain = ({ row, algorithm, onAlgorithm, onDone, onSkip, action }: ObtainProps) => {
  const next = async (): Promise<void> => {
    const reply = await action.run("GetParametersForImport", {
      KeyId: row.keyId,
      WrappingAlgorithm: algorithm,
      WrappingKeySpec: "RSA_2048"
    })
    if (reply === undefined) return
    onDone({
      algorithm,
      publicKey: textAt(reply, "PublicKey"),
      token: textAt(reply, "ImportToken"),
      expiresAt: instant(textAt(reply, "TokenExpireTime"))
    })
  }
  return (
    <>
      <p>{t("You encrypt your material with a public key that is generated for this import. Choose the algorithm.")}</p>
      <Choice
        label={t("Wrapping algorithm")}
        value={algorithm}
        options={Object.keys(algorithms).map((name) => [name, name] as const)}
        onChange={(value) => {
          if (isAlgorithm(value)) onAlgorithm(value)
        }}
        hint={algorithm === "RSAES_PKCS1_V1_5" ? t("Only for tools without OAEP.") : undefined}
      />
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Leave>{t("Cancel")}</Leave>
        <Button off={action.busy ? t("Generating a key pair…") : undefined} onClick={onSkip}>
          {t("I already have a token")}
        </Button>
        <Button look="main" off={action.busy ? t("Generating a key pair…") : undefined} onClick={() => void next()}>
          {t("Next")}
        </Button>
      </div>
    </>
  )
}

interface WrapProps {
  readonly parameters: Parameters
  readonly onBack: () => void
  readonly onDone: () => void
}

const Wrap = ({ parameters, onBack, onDone }: WrapProps) => {
  const { algorithm, expiresAt } = parameters
  const commands = commandsOf(algorithm)
  return (
    <>
      <p>
        {t("Download both files, then encrypt 256 bits of material with OpenSSL.")}{" "}
        {expiresAt === undefined
          ? t("The token is valid for this key only.")
          : rich("The token is valid for this key only and expires {time}.", {
              time: <Countdown to={expiresAt} what={t("The import token")} />
            })}
      </p>
      <div className="row">
        <Button onClick={() => downloadText(parameters.publicKey, "PublicKey_base64.txt", "text/plain")}>
          {t("Download public key")}
        </Button>
        <Button onClick={() => downloadText(parameters.token, "ImportToken.txt", "text/plain")}>
          {t("Download import token")}
        </Button>
      </div>
      <div>
        <div className="row between">
          <h3>{t("With OpenSSL")}</h3>
          <Copy text={commands} what={t("Copy the OpenSSL commands")} />
        </div>
        <pre tabIndex={0} aria-label={t("OpenSSL commands")}>
          {commands}
        </pre>
      </div>
      <Note tone="warn">
        {rich(
          "Keep {file} in a safe place. If the material expires or is deleted here, only the same bytes restore the key.",
          { file: <code>KeyMaterial.bin</code> }
        )}
      </Note>
      <div className="row end">
        <Button onClick={onBack}>{t("Back")}</Button>
        <Button look="main" onClick={onDone}>
          {t("Next")}
        </Button>
      </div>
    </>
  )
}
