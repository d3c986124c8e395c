/** "Create key": alias, description, spec, protection level, rotation, and material from outside with its consequences. */
import { useState } from "react"
import type { FormEvent } from "react"
import { aliasNameOf, aliasProblem } from "../data/aliases.ts"
import { textAt } from "../data/replies.ts"
import { isAnswerLost } from "../data/api.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Check, Choice, Field, Note, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { MissingAliasDialog } from "./missingAlias.tsx"

interface Spec {
  readonly name: string
  readonly word: string
  readonly usages: ReadonlyArray<string>
  /** Only at level HSM, and only in regions with hardware for it. */
  readonly hsmOnly?: true
}

const both = ["ENCRYPT/DECRYPT", "SIGN/VERIFY"] as const
const specs: ReadonlyArray<Spec> = [
  { name: "Aliyun_AES_256", word: "Aliyun_AES_256 · symmetric", usages: ["ENCRYPT/DECRYPT"] },
  { name: "Aliyun_SM4", word: "Aliyun_SM4 · symmetric, HSM", usages: ["ENCRYPT/DECRYPT"], hsmOnly: true },
  { name: "RSA_2048", word: "RSA_2048 · asymmetric", usages: both },
  { name: "RSA_3072", word: "RSA_3072 · asymmetric", usages: both },
  { name: "EC_P256", word: "EC_P256 · asymmetric", usages: ["SIGN/VERIFY"] },
  { name: "EC_P256K", word: "EC_P256K · asymmetric", usages: ["SIGN/VERIFY"] },
  { name: "EC_SM2", word: "EC_SM2 · asymmetric, HSM", usages: both, hsmOnly: true }
]

const rotations = [
  ["", "Off"],
  ["30d", "Every 30 days"],
  ["90d", "Every 90 days"],
  ["180d", "Every 180 days"],
  ["365d", "Every 365 days"]
] as const

const specOf = (name: string): Spec => specs.find((spec) => spec.name === name) ?? { name, word: name, usages: both }

interface CreateProps {
  readonly onClose: () => void
  readonly onMade: (keyId: string) => void
}

export const CreateKeyDialog = ({ onClose, onMade }: CreateProps) => {
  const create = useAction()
  const alias = useAction()
  const [aliasName, setAliasName] = useState("")
  const [description, setDescription] = useState("")
  const [spec, setSpec] = useState("Aliyun_AES_256")
  const [usage, setUsage] = useState("ENCRYPT/DECRYPT")
  const [protection, setProtection] = useState("SOFTWARE")
  const [rotation, setRotation] = useState("")
  const [external, setExternal] = useState(false)
  const [understood, setUnderstood] = useState(false)
  /** The key that was created and whose alias was refused. */
  const [madeId, setMadeId] = useState<string>()

  const { hsmOnly, usages } = specOf(spec)
  const isSymmetric = spec === "Aliyun_AES_256" || spec === "Aliyun_SM4"
  const takesExternal = isSymmetric
  const isExternal = external && takesExternal
  const level = hsmOnly === true ? "HSM" : protection
  const busy = create.busy || alias.busy
  const problem = aliasProblem(aliasName)
  const lack = isExternal && !understood ? "Tick the box to continue." : undefined
  const off = busy ? "Creating…" : (problem ?? lack)

  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined) return
    const made = textAt(
      await create.run("CreateKey", {
        Description: description,
        KeySpec: spec,
        KeyUsage: usages.includes(usage) ? usage : (usages[0] ?? usage),
        ProtectionLevel: level,
        Origin: isExternal ? "EXTERNAL" : "Aliyun_KMS",
        ...(isSymmetric && !isExternal && rotation !== ""
          ? { EnableAutomaticRotation: "true", RotationInterval: rotation }
          : {})
      }),
      "KeyMetadata",
      "KeyId"
    )
    if (made === "") return
    const name = aliasNameOf(aliasName)
    if (name !== undefined && (await alias.run("CreateAlias", { KeyId: made, AliasName: name })) === undefined) {
      setMadeId(made)
      return
    }
    onMade(made)
  }

  if (madeId !== undefined)
    return <MissingAliasDialog keyId={madeId} given={aliasName} refusal={alias.refusal} onDone={onMade} />
  return (
    <Dialog title="Create key" onClose={onClose} busy={busy}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Field
          label="Alias name"
          hint={problem ?? "What applications will call it by. The word alias/ is put before it."}
        >
          {(ids) => (
            <input {...ids} value={aliasName} onChange={(event) => setAliasName(event.target.value)} autoFocus />
          )}
        </Field>
        <Field label="Description">
          {(ids) => <input {...ids} value={description} onChange={(event) => setDescription(event.target.value)} />}
        </Field>
        <div className="columns">
          <Choice
            label="Key spec"
            value={spec}
            options={specs.map(({ name, word }) => [name, word] as const)}
            onChange={setSpec}
          />
          <Choice
            label="Key usage"
            value={usages.includes(usage) ? usage : (usages[0] ?? usage)}
            options={usages.map((one) => [one, one] as const)}
            onChange={setUsage}
          />
        </div>
        <div className="columns">
          <Choice
            label="Protection level"
            value={level}
            options={
              hsmOnly === true
                ? [["HSM", "HSM"]]
                : [
                    ["SOFTWARE", "Software"],
                    ["HSM", "HSM"]
                  ]
            }
            onChange={setProtection}
            hint={hsmOnly === true ? "This spec lives in hardware only." : undefined}
          />
          <Choice
            label="Rotation"
            value={isSymmetric && !isExternal ? rotation : ""}
            options={isSymmetric && !isExternal ? rotations : [["", "Off"]]}
            onChange={setRotation}
            hint={isSymmetric && !isExternal ? undefined : "Only symmetric keys of the service's own making rotate."}
          />
        </div>
        <fieldset>
          <legend>Key material source</legend>
          <label className="check">
            <input type="radio" name="origin" checked={!isExternal} onChange={() => setExternal(false)} />
            <span>
              Keystate <span className="quiet">(Aliyun_KMS): the service makes the material, and it never leaves</span>
            </span>
          </label>
          <label className="check">
            <input
              type="radio"
              name="origin"
              checked={isExternal}
              disabled={!takesExternal}
              onChange={() => setExternal(true)}
            />
            <span>
              External <span className="quiet">(EXTERNAL): you import 256-bit symmetric material of your own</span>
            </span>
          </label>
          {!takesExternal && <span className="why">Asymmetric keys take no material from outside.</span>}
        </fieldset>
        {isExternal && (
          <Note tone="warn">
            <div className="stack tight">
              <p>
                You keep the material and are responsible for it. If it expires or is deleted, the key cannot decrypt
                until the <strong>same</strong> material comes back; other material is refused for ever. Such a key does
                not rotate.
              </p>
              <Check checked={understood} onChange={setUnderstood}>
                I understand the implications of using the external key materials key
              </Check>
            </div>
          </Note>
        )}
        <Refused refusal={create.refusal} />
        {create.refusal !== undefined && isAnswerLost(create.refusal) && (
          <Note tone="warn">
            The key may have been created all the same. Look for it in the list of keys before you try again.
          </Note>
        )}
        <div className="row end">
          <Button off={busy ? "The key is being created." : undefined} onClick={onClose}>
            Cancel
          </Button>
          <Button look="main" type="submit" off={off}>
            Create key
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
