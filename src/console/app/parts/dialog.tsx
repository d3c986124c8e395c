/** The browser's own dialog: it keeps the keyboard inside, closes on Escape, and gives the focus back. */
import { useEffect, useId, useRef } from "react"
import type { ReactNode } from "react"

interface DialogProps {
  readonly title: string
  readonly onClose: () => void
  readonly children: ReactNode
}

export const Dialog = ({ title, onClose, children }: DialogProps) => {
  const ref = useRef<HTMLDialogElement>(null)
  const titleId = useId()
  useEffect(() => {
    const dialog = ref.current
    if (dialog !== null && !dialog.open) dialog.showModal()
    return () => dialog?.close()
  }, [])
  return (
    <dialog
      ref={ref}
      aria-labelledby={titleId}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
    >
      <div className="dialogBody">
        <h2 id={titleId}>{title}</h2>
        {children}
      </div>
    </dialog>
  )
}
