/** Runs one operation on several keys, one after another, with the outcome of each. */
import { useEffect, useRef, useState } from "react"
import type { KeyRow, Preview, Refusal } from "../../protocol.ts"
import { callOperation, isTemporary, readPreviews } from "../data/api.ts"
import { consoleState } from "../data/store.ts"
import { countedKeys } from "../data/words.ts"
import { useAgain } from "../data/useLoaded.ts"
import { announce } from "../parts/announcer.tsx"
import type { Given, IntentWords } from "./bulkIntents.ts"
import { t } from "../text/text.ts"

/** Keys in one question for a preview. */
const previewMax = 100

export type Outcome = Refusal | "done"

interface Previewed {
  /** Undefined until the preview is there. */
  readonly refusals: ReadonlyMap<string, Refusal> | undefined
  readonly failure: Refusal | undefined
}

/** What would refuse each key, by the functions that decide real calls. */
export const usePreviews = (operation: string, rows: ReadonlyArray<KeyRow>): Previewed => {
  const [found, setFound] = useState<Previewed>({ refusals: undefined, failure: undefined })
  const [turn, setTurn] = useState(0)
  useEffect(() => {
    let isOld = false
    const read = async (): Promise<void> => {
      const refusals = new Map<string, Refusal>()
      for (let at = 0; at < rows.length; at += previewMax) {
        const ids = rows.slice(at, at + previewMax).map(({ keyId }) => keyId)
        const answer = await readPreviews(consoleState().region, operation, ids)
        if (isOld) return
        if (!answer.ok) return setFound({ refusals: undefined, failure: answer.refusal })
        for (const { keyId, refusal } of answer.reply.previews satisfies ReadonlyArray<Preview>) {
          if (refusal !== undefined) refusals.set(keyId, refusal)
        }
      }
      setFound({ refusals, failure: undefined })
    }
    void read()
    return () => {
      isOld = true
    }
  }, [operation, rows, turn])
  useAgain(found.failure, () => setTurn((last) => last + 1))
  return found
}

export interface Bulk {
  readonly busy: boolean
  readonly outcomes: ReadonlyMap<string, Outcome>
  /** Keys that were not tried, because a call failed for now or the person stopped. */
  readonly rest: ReadonlyArray<KeyRow>
  readonly isFinished: boolean
  readonly run: (rows: ReadonlyArray<KeyRow>, given: Given) => Promise<void>
  readonly stop: () => void
}

const saidOf = (outcomes: ReadonlyMap<string, Outcome>): string => {
  const done = [...outcomes.values()].filter((outcome) => outcome === "done").length
  const refused = outcomes.size - done
  const changed = countedKeys(done)
  return refused === 0
    ? t("{changed} changed.", { changed })
    : t("{changed} changed, {refused} refused.", { changed, refused: countedKeys(refused) })
}

/** A call without an answer, or without the store, ends the series: the calls after it would fail too. */
export const useBulk = ({ operation, parameters }: IntentWords): Bulk => {
  const [busy, setBusy] = useState(false)
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, Outcome>>(new Map())
  const [rest, setRest] = useState<ReadonlyArray<KeyRow>>([])
  const [isFinished, setFinished] = useState(false)
  const isStopped = useRef(false)
  const run = async (rows: ReadonlyArray<KeyRow>, given: Given): Promise<void> => {
    setBusy(true)
    setFinished(false)
    isStopped.current = false
    const found = new Map(outcomes)
    let tried = 0
    for (const { keyId } of rows) {
      if (isStopped.current) break
      const answer = await callOperation(consoleState().region, operation, { KeyId: keyId, ...parameters(given) })
      tried++
      found.set(keyId, answer.ok ? "done" : answer.refusal)
      setOutcomes(new Map(found))
      if (!answer.ok && isTemporary(answer.refusal)) break
    }
    setRest(rows.slice(tried))
    setBusy(false)
    setFinished(true)
    announce(saidOf(found))
  }
  return {
    busy,
    outcomes,
    rest,
    isFinished,
    run,
    stop: () => {
      isStopped.current = true
    }
  }
}
