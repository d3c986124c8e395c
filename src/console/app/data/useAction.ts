/** Runs one operation at a time for a form, and keeps its refusal. Work of several requests is busy until its end. */
import { useState } from "react"
import type { Refusal } from "../../protocol.ts"
import { callOperation, isAnswerLost } from "./api.ts"
import type { Reply } from "./api.ts"
import { doneWords } from "./done.ts"
import { consoleState, refreshKey } from "./store.ts"
import { announce } from "../parts/announcer.tsx"

export interface Action {
  readonly busy: boolean
  readonly refusal: Refusal | undefined
  /** Undefined if the call was refused; `refusal` then says why. */
  readonly run: (operation: string, parameters: Readonly<Record<string, string>>) => Promise<Reply | undefined>
  readonly clear: () => void
}

export interface Work {
  readonly busy: boolean
  readonly during: (work: () => Promise<void>) => Promise<void>
}

/** Work of several requests: the form stays busy between them, so that a second press starts nothing. */
export const useWork = (): Work => {
  const [busy, setBusy] = useState(false)
  return {
    busy,
    during: async (work) => {
      setBusy(true)
      await work().finally(() => setBusy(false))
    }
  }
}

export const useAction = (api: "kms" | "ram" = "kms"): Action => {
  const [busy, setBusy] = useState(false)
  const [refusal, setRefusal] = useState<Refusal>()
  return {
    busy,
    refusal,
    clear: () => setRefusal(undefined),
    run: async (operation, parameters) => {
      setBusy(true)
      setRefusal(undefined)
      const answer = await callOperation(consoleState().region, operation, parameters, api)
      // Shows the change at once, even if the event stream is behind or the answer was lost.
      const keyId = parameters["KeyId"]
      const isShown = keyId !== undefined && consoleState().keys.has(keyId)
      if (isShown && (answer.ok || isAnswerLost(answer.refusal))) await refreshKey(keyId)
      setBusy(false)
      if (!answer.ok) {
        setRefusal(answer.refusal)
        return undefined
      }
      const said = doneWords(operation, parameters)
      if (said !== undefined) announce(said)
      return answer.reply
    }
  }
}
