/** Reads from the server, and reads again when `name` changes. An older answer never replaces a newer one. */
import { useEffect, useState } from "react"
import type { Refusal } from "../../protocol.ts"
import { isTemporary } from "./api.ts"
import type { Answer } from "./api.ts"

export interface Loaded<A> {
  readonly reply: A | undefined
  readonly refusal: Refusal | undefined
  readonly again: () => void
}

const retryMillis = 3000

/** Repeats a request that got no answer, or whose store did not answer, until it succeeds. */
export const useAgain = (refusal: Refusal | undefined, again: () => void): void => {
  const isWaiting = isTemporary(refusal)
  useEffect(() => {
    if (!isWaiting) return undefined
    const timer = setInterval(again, retryMillis)
    return () => clearInterval(timer)
  }, [isWaiting])
}

/** `name` must change each time an input of `read` changes. */
export const useLoaded = <A>(read: () => Promise<Answer<A>>, name: string): Loaded<A> => {
  const [state, setState] = useState<{ readonly reply?: A; readonly refusal?: Refusal }>({})
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let isOld = false
    void read().then((answer) => {
      if (!isOld) setState(answer.ok ? { reply: answer.reply } : { refusal: answer.refusal })
    })
    return () => {
      isOld = true
    }
  }, [name, turn])
  useAgain(state.refusal, () => setTurn((last) => last + 1))
  return { reply: state.reply, refusal: state.refusal, again: () => setTurn((last) => last + 1) }
}
