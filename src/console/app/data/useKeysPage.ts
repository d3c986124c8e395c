/** One page of the list of keys. A new request cancels the one before it, and waits while a person types. */
import { useEffect, useRef, useState } from "react"
import type { KeysPage, Refusal } from "../../protocol.ts"
import { readKeys } from "./api.ts"
import { useChanges, useConsole } from "./store.ts"
import { useAgain } from "./useLoaded.ts"
import { useSettled } from "./useSettled.ts"

const typingMillis = 150
const changesMillis = 1000

export interface KeysShown {
  /** The newest answer; the one before it until then. */
  readonly page: KeysPage | undefined
  readonly refusal: Refusal | undefined
  readonly busy: boolean
  readonly again: () => void
}

type Wanted = Readonly<Record<string, string | number | undefined>>

export const useKeysPage = (wanted: Wanted): KeysShown => {
  const { region } = useConsole()
  const changes = useSettled(useChanges(), changesMillis)
  const [answer, setAnswer] = useState<{ readonly page?: KeysPage; readonly refusal?: Refusal }>({})
  const [busy, setBusy] = useState(true)
  const [turn, setTurn] = useState(0)
  const isFirst = useRef(true)
  const name = JSON.stringify([region, wanted])
  useEffect(() => {
    const control = new AbortController()
    setBusy(true)
    const read = async (): Promise<void> => {
      const found = await readKeys(region, wanted, control.signal)
      if (control.signal.aborted) return
      setBusy(false)
      setAnswer(found.ok ? { page: found.reply } : { refusal: found.refusal })
    }
    const timer = window.setTimeout(() => void read(), isFirst.current ? 0 : typingMillis)
    isFirst.current = false
    return () => {
      window.clearTimeout(timer)
      control.abort()
    }
  }, [name, changes, turn])
  const again = (): void => setTurn((last) => last + 1)
  useAgain(answer.refusal, again)
  return { page: answer.page, refusal: answer.refusal, busy, again }
}
