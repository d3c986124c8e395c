/** A key was created but its alias was refused: adds only an alias, or opens the key without one. */
import { useState } from "react"
import type { FormEvent } from "react"
import type { Refusal } from "../../protocol.ts"
import { addAlias, aliasNameOf, aliasProblem } from "../data/aliases.ts"
import { isAnswerLost } from "../data/api.ts"
import { useAction, useWork } from "../data/useAction.ts"
import { announce } from "../parts/announcer.tsx"
import { Button, Field, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

interface MissingAliasProps {
  readonly keyId: string
  /** What the person typed. */
  readonly given: string
  readonly refusal: Refusal | undefined
  readonly onDone: (keyId: string) => void
}

const refusedWord =
  "The key {key} was created with the settings you chose. The alias {alias} was refused. Add another alias to this key, or open the key without one. To remove the key, schedule its deletion on its page."

const lostWord =
  "The key {key} was created with the settings you chose. It is unknown whether it has the alias {alias}. Add the alias again, or open the key. To remove the key, schedule its deletion on its page."

export const MissingAliasDialog = ({ keyId, given, refusal, onDone }: MissingAliasProps) => {
  const alias = useAction()
  const { busy, during } = useWork()
  const [typed, setTyped] = useState(given)
  /** The name that the server refused last. */
  const [refused, setRefused] = useState(given)
  const name = aliasNameOf(typed)
  const lack = name === undefined ? t("Enter a name.") : aliasProblem(typed)
  const off = busy ? t("Adding…") : lack
  const said = alias.refusal ?? refusal
  const goWithout = (): void => {
    announce(isAnswerLost(said) ? t("The key is created.") : t("The key was created without an alias."))
    onDone(keyId)
  }
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined || name === undefined) return
    setRefused(typed)
    await during(async () => {
      if (await addAlias(alias, keyId, name)) onDone(keyId)
    })
  }
  return (
    <Dialog title={t("The key was created without its alias")} onClose={goWithout} busy={busy}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <p>
          {rich(isAnswerLost(said) ? lostWord : refusedWord, {
            key: <code>{keyId}</code>,
            alias: <code>{aliasNameOf(refused)}</code>
          })}
        </p>
        <Refused refusal={busy ? undefined : said} />
        <Field label={t("Alias name")} hint={t("The prefix alias/ is added.")}>
          {(ids) => <input {...ids} value={typed} onChange={(event) => setTyped(event.target.value)} autoFocus />}
        </Field>
        <div className="row end">
          <Button off={busy ? t("The alias is being added.") : undefined} onClick={goWithout}>
            {t("Open the key without an alias")}
          </Button>
          <Button look="main" type="submit" off={off}>
            {t("Add alias")}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
