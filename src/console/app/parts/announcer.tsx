/** One polite live region for the whole console. */
import { useSyncExternalStore } from "react"

let said = ""
const listeners = new Set<() => void>()

export const announce = (text: string): void => {
  // The same words twice are news too.
  said = text === said ? `${text}\u00a0` : text
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const Announcer = () => {
  const text = useSyncExternalStore(subscribe, () => said)
  return (
    <div className="unseen" role="status" aria-live="polite">
      {text}
    </div>
  )
}
