/** A dialog that says what a change does, makes it, and stays open with the refusal if it is refused. */
import type { ReactNode } from "react"
import { useAction } from "../data/useAction.ts"
import { Button, Refused } from "../parts/basic.tsx"
import { Dialog, Leave } from "../parts/dialog.tsx"
import { t } from "../text/text.ts"

export interface Confirmed {
  readonly title: string
  readonly says: ReactNode
  /** On the button. */
  readonly word: string
  readonly operation: string
  readonly parameters: Readonly<Record<string, string>>
}

interface ConfirmProps {
  readonly what: Confirmed
  readonly onClose: () => void
  readonly onDone: () => void
}

export const ConfirmDialog = ({ what, onClose, onDone }: ConfirmProps) => {
  const { title, says, word, operation, parameters } = what
  const action = useAction("ram")
  const run = async (): Promise<void> => {
    if ((await action.run(operation, parameters)) === undefined) return
    onDone()
  }
  return (
    <Dialog title={title} onClose={onClose} busy={action.busy}>
      <p>{says}</p>
      <Refused refusal={action.refusal} />
      <div className="row end">
        <Leave>{t("Cancel")}</Leave>
        <Button look="danger" off={action.busy ? t("Working…") : undefined} onClick={() => void run()}>
          {word}
        </Button>
      </div>
    </Dialog>
  )
}
