/** Counts of the audit records that match a filter. The server is asked again until it has counted the whole log. */
import { useEffect, useState } from "react"
import type { AuditCounts, Refusal } from "../../protocol.ts"
import { readAuditCounts } from "./api.ts"
import { useConsole } from "./store.ts"
import { useAgain } from "./useLoaded.ts"

/** Combines several keystrokes into one question. */
const settleMillis = 250

interface Counted {
  readonly counts?: AuditCounts
  readonly refusal?: Refusal
}

/** `wanted` are parameters of ListAuditRecords; undefined asks for nothing. */
export const useAuditCounts = (wanted: Readonly<Record<string, string>> | undefined): Counted => {
  const { region } = useConsole()
  const [state, setState] = useState<Counted>({})
  const [turn, setTurn] = useState(0)
  const asked = JSON.stringify([region, wanted])
  useEffect(() => {
    const stopping = new AbortController()
    const read = async (parameters: Readonly<Record<string, string>>): Promise<void> => {
      for (;;) {
        const answer = await readAuditCounts(region, parameters, stopping.signal)
        if (stopping.signal.aborted) return
        setState(answer.ok ? { counts: answer.reply } : { refusal: answer.refusal })
        if (!answer.ok || answer.reply.isComplete) return
      }
    }
    setState({})
    const timer = setTimeout(() => {
      if (wanted !== undefined) void read(wanted)
    }, settleMillis)
    return () => {
      clearTimeout(timer)
      stopping.abort()
    }
  }, [asked, turn])
  useAgain(state.refusal, () => setTurn((last) => last + 1))
  return state
}
