/** The dialog that creates a user, a role or a policy: a name, a note, and what else the kind needs. */
import { useState } from "react"
import type { FormEvent, ReactNode } from "react"
import { isAnswerLost } from "../data/api.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Field, Note, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { t } from "../text/text.ts"
import type { PlainText } from "../text/text.ts"

export interface CreateProps {
  readonly onClose: () => void
  readonly onMade: (name: string) => void
}

export interface CreateWords {
  /** The title, and the word on the button. */
  readonly create: PlainText
  readonly name: PlainText
  /** While the call waits for its answer. */
  readonly busy: PlainText
}

interface Kind {
  /** The texts that name what is created. */
  readonly words: CreateWords
  readonly nameHint: string
  readonly noteLabel: string
  readonly operation: string
  readonly parametersOf: (name: string, note: string) => Readonly<Record<string, string>>
  /** Further fields. */
  readonly children?: ReactNode
}

export const CreateDialog = (props: CreateProps & Kind) => {
  const { children, nameHint, noteLabel, onClose, onMade, operation, parametersOf, words } = props
  const action = useAction("ram")
  const [name, setName] = useState("")
  const [note, setNote] = useState("")
  const lack = name.trim() === "" ? t("Enter a name.") : undefined
  const off = action.busy ? t("Creating…") : lack
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault()
    if (off !== undefined) return
    const reply = await action.run(operation, parametersOf(name.trim(), note))
    if (reply !== undefined) onMade(name.trim())
  }
  return (
    <Dialog title={t(words.create)} onClose={onClose} busy={action.busy}>
      <form className="stack" onSubmit={(event) => void submit(event)}>
        <Field label={t(words.name)} hint={nameHint}>
          {(ids) => (
            <input
              {...ids}
              value={name}
              onChange={(event) => setName(event.target.value)}
              spellCheck={false}
              autoFocus
            />
          )}
        </Field>
        <Field label={noteLabel}>
          {(ids) => <input {...ids} value={note} onChange={(event) => setNote(event.target.value)} />}
        </Field>
        {children}
        <Refused refusal={action.refusal} />
        {isAnswerLost(action.refusal) && (
          <Note tone="warn">{t("It may have been created anyway. Check the list before you try again.")}</Note>
        )}
        <div className="row end">
          <Button off={action.busy ? t(words.busy) : undefined} onClick={onClose}>
            {t("Cancel")}
          </Button>
          <Button look="main" type="submit" off={off}>
            {t(words.create)}
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
