/** The browser's own dialog: keeps the focus inside, closes on Escape, and returns the focus to what opened it. */
import { createContext, useContext, useId, useLayoutEffect, useRef, useState } from "react"
import type { ReactNode } from "react"
import { t } from "../text/text.ts"
import { Button } from "./basic.tsx"
import { focusNearest, focusPathOf } from "./focus.ts"

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  /** A request is in progress: the dialog stays open until its outcome is known. */
  readonly busy?: boolean
  readonly children: ReactNode
}

const Open = createContext<Pick<DialogProps, "onClose" | "busy">>({ onClose: () => {} })

/** Closes its dialog without the action. It is off while the action is in progress, because the outcome is unknown. */
export const Leave = ({ children }: { readonly children: ReactNode }) => {
  const { busy = false, onClose } = useContext(Open)
  return (
    <Button off={busy ? t("The change is in progress.") : undefined} onClick={onClose}>
      {children}
    </Button>
  )
}

export const Dialog = ({ title, onClose, busy = false, children }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  const [opener] = useState(() => focusPathOf(document.activeElement))
  // An ordinary effect ends after the dialog was removed, when the browser gives no focus back any more.
  useLayoutEffect(() => {
    const dialog = ref.current
    if (dialog !== null && !dialog.open) dialog.showModal()
    return () => {
      dialog?.close()
      focusNearest(opener)
    }
  }, [opener])
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      aria-busy={busy}
      onCancel={(event) => {
        event.preventDefault()
        if (!busy) onClose()
      }}
      onClose={() => {
        // The browser closes a dialog on the second Escape in a row, even if the page prevents the default.
        const dialog = ref.current
        if (dialog === null || dialog.open || !dialog.isConnected) return
        if (busy) dialog.showModal()
        else onClose()
      }}
    >
      <div className="dialogBody">
        <h2 id={titleId}>{title}</h2>
        <Open value={{ onClose, busy }}>{children}</Open>
      </div>
    </dialog>
  )
}
