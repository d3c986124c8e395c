/** "Create key": alias, description, spec, protection level, rotation, and where the key material comes from. */
import { useState } from "react"
import type { FormEvent } from "react"
import { addAlias, aliasNameOf, aliasProblem, isAliasTaken } from "../data/aliases.ts"
import { textAt } from "../data/replies.ts"
import { isAnswerLost } from "../data/api.ts"
import { useAction, useWork } from "../data/useAction.ts"
import { Button, Field, Note, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { KindFields, MaterialSource } from "./createKeyFields.tsx"
import { emptyForm, kindOf } from "./createKeyForm.ts"
import type { KeyForm, KeyKind } from "./createKeyForm.ts"
import { MissingAliasDialog } from "./missingAlias.tsx"
import { t } from "../text/text.ts"

interface CreateProps {
  readonly onClose: () => void
  readonly onMade: (keyId: string) => void
}

const parametersOf = ({ description, spec, rotation }: KeyForm, kind: KeyKind): Readonly<Record<string, string>> => ({
  Description: description,
  KeySpec: spec,
  KeyUsage: kind.usage,
  ProtectionLevel: kind.level,
  Origin: kind.isExternal ? "EXTERNAL" : "Aliyun_KMS",
  ...(kind.canRotate && rotation !== "" ? { EnableAutomaticRotation: "true", RotationInterval: rotation } : {})
})

/** Creates the key, then its alias. `madeId` is a key whose alias was refused. */
const useCreate = (onMade: CreateProps["onMade"]) => {
  const create = useAction()
  const alias = useAction()
  const { busy, during } = useWork()
  const [madeId, setMadeId] = useState<string>()
  /** A name that belongs to another key. */
  const [taken, setTaken] = useState<string>()
  /** Checks the alias before the key is created. */
  const isRefused = async (form: KeyForm): Promise<boolean> => {
    const name = aliasNameOf(form.aliasName)
    if (name === undefined) return false
    const isTaken = await isAliasTaken(name)
    if (isTaken) setTaken(name)
    return isTaken
  }
  const make = async (form: KeyForm): Promise<void> => {
    if (await isRefused(form)) return
    const reply = await create.run("CreateKey", parametersOf(form, kindOf(form)))
    const made = textAt(reply, "KeyMetadata", "KeyId")
    if (made === "") return
    const name = aliasNameOf(form.aliasName)
    if (name === undefined) return onMade(made)
    if (await addAlias(alias, made, name)) onMade(made)
    else setMadeId(made)
  }
  return {
    busy,
    taken,
    refusal: create.refusal,
    aliasRefusal: alias.refusal,
    madeId,
    run: (form: KeyForm) => during(() => make(form))
  }
}

export const CreateKeyDialog = ({ onClose, onMade }: CreateProps) => {
  const create = useCreate(onMade)
  const [form, setForm] = useState(emptyForm)
  const set = (change: Partial<KeyForm>): void => setForm((last) => ({ ...last, ...change }))
  const kind = kindOf(form)
  const name = aliasNameOf(form.aliasName)
  const isTaken = name !== undefined && name === create.taken
  const problem = isTaken ? t("{name} is an alias of another key.", { name }) : aliasProblem(form.aliasName)
  const lack = kind.isExternal && !form.understood ? t("Tick the box to continue.") : undefined
  const off = create.busy ? t("Creating…") : (problem ?? lack)
  const submit = (event: FormEvent): void => {
    event.preventDefault()
    if (off === undefined) void create.run(form)
  }
  if (create.madeId !== undefined) {
    const { aliasRefusal, madeId } = create
    return <MissingAliasDialog keyId={madeId} given={form.aliasName} refusal={aliasRefusal} onDone={onMade} />
  }
  return (
    <Dialog title={t("Create key")} onClose={onClose} busy={create.busy}>
      <form className="stack" onSubmit={submit}>
        <Field
          label={t("Alias name")}
          hint={problem ?? t("The name that applications use. The prefix alias/ is added.")}
        >
          {(ids) => (
            <input
              {...ids}
              value={form.aliasName}
              onChange={(event) => set({ aliasName: event.target.value })}
              autoFocus
            />
          )}
        </Field>
        <Field label={t("Description")}>
          {(ids) => (
            <input {...ids} value={form.description} onChange={(event) => set({ description: event.target.value })} />
          )}
        </Field>
        <KindFields form={form} kind={kind} set={set} />
        <MaterialSource form={form} kind={kind} set={set} />
        <Refused refusal={create.refusal} />
        {isAnswerLost(create.refusal) && (
          <Note tone="warn">
            {t("The key may have been created anyway. Check the list of keys before you try again.")}
          </Note>
        )}
        <div className="row end">
          <Button off={create.busy ? t("The key is being created.") : undefined} onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button look="main" type="submit" off={off}>
            {t("Create key")}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
