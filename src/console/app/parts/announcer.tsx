/** Messages about what was done, seen and heard, and a bar while a call takes long. */
import { useEffect, useState, useSyncExternalStore } from "react"
import { isWaiting, watchWaiting } from "../data/progress.ts"
import { Button } from "./basic.tsx"
import { t } from "../text/text.ts"

/** Long enough to be read twice. The page itself shows the same change for as long as it lasts. */
const shownMillis = 10_000
/** A faster answer needs no bar. */
const patienceMillis = 500

let said = ""
const listeners = new Set<() => void>()

const say = (text: string): void => {
  said = text
  for (const listener of listeners) listener()
}

/** One message at a time: a newer one replaces it. */
export const announce = (text: string): void =>
  // The same words twice are announced twice.
  say(text === said ? `${text}\u00a0` : text)

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export const Announcer = () => {
  const text = useSyncExternalStore(subscribe, () => said)
  useEffect(() => {
    if (text === "") return undefined
    const timer = setTimeout(() => say(""), shownMillis)
    return () => clearTimeout(timer)
  }, [text])
  return (
    <>
      <Waiting />
      <div className="messages">
        <div role="status" aria-live="polite">
          {text !== "" && <p className="message">{text}</p>}
        </div>
        {text !== "" && (
          <Button small aria-label={t("Close the message")} onClick={() => say("")}>
            ×
          </Button>
        )}
      </div>
    </>
  )
}

const Waiting = () => {
  const waits = useSyncExternalStore(watchWaiting, isWaiting)
  const [isLong, setIsLong] = useState(false)
  useEffect(() => {
    if (!waits) return setIsLong(false)
    const timer = setTimeout(() => setIsLong(true), patienceMillis)
    return () => clearTimeout(timer)
  }, [waits])
  return isLong ? <progress className="waiting" aria-label={t("Waiting for the server")} /> : null
}
