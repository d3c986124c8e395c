/** Pages of the audit log: the first is kept up to date, further ones are read on demand. */
import { useEffect, useRef, useState } from "react"
import type { Refusal } from "../../protocol.ts"
import { callOperation } from "./api.ts"
import { partIn, withNewest, withNext } from "./auditRecords.ts"
import type { AuditPart } from "./auditRecords.ts"
import { useConsole } from "./store.ts"
import { useAgain } from "./useLoaded.ts"

/** Delays that combine several keystrokes or changes into one request. */
const settleMillis = { typing: 250, changes: 1000 } as const

type Parameters = Readonly<Record<string, string>>

export interface AuditLog {
  /** Undefined until the first page has arrived. */
  readonly part: AuditPart | undefined
  readonly refusal: Refusal | undefined
  readonly busy: boolean
  readonly readOn: () => void
}

/**
 * Records that ListAuditRecords answers with for `wanted`; undefined requests nothing. The first page is read again
 * when `fresh` changes.
 */
export const useAuditLog = (wanted: Parameters | undefined, fresh?: unknown): AuditLog => {
  const { region } = useConsole()
  const [part, setPart] = useState<AuditPart>()
  const [refusal, setRefusal] = useState<Refusal>()
  const [busy, setBusy] = useState(false)
  const waiting = useRef<number>(undefined)
  const turn = useRef({ asked: 0, first: 0 })
  const asked = JSON.stringify([region, wanted])

  const read = async (after: Parameters, join: (known: AuditPart | undefined, page: AuditPart) => AuditPart) => {
    const mine = turn.current.asked
    setBusy(true)
    const answer = await callOperation(region, "ListAuditRecords", { ...wanted, ...after })
    if (mine !== turn.current.asked) return
    setBusy(false)
    setRefusal(answer.ok ? undefined : answer.refusal)
    if (answer.ok) setPart((known) => join(known, partIn(answer.reply)))
  }
  const readFirst = (): void => {
    const mine = ++turn.current.first
    // An earlier request may be answered later, with an older page.
    void read({}, (known, page) => (mine === turn.current.first ? withNewest(known, page) : (known ?? page)))
  }
  const readAfter = (millis: number): void => {
    if (wanted === undefined) return
    waiting.current ??= window.setTimeout(() => {
      waiting.current = undefined
      readFirst()
    }, millis)
  }
  useEffect(() => {
    setPart(undefined)
    setRefusal(undefined)
    setBusy(wanted !== undefined)
    readAfter(settleMillis.typing)
    return () => {
      turn.current.asked++
      window.clearTimeout(waiting.current)
      waiting.current = undefined
    }
  }, [asked])
  useEffect(() => readAfter(settleMillis.changes), [fresh])
  useAgain(refusal, () => readAfter(settleMillis.changes))

  return {
    part,
    refusal,
    busy,
    readOn: () => {
      if (part === undefined || busy) return
      const { end } = part
      const after = { AfterSeq: String(end.seq), AfterLine: String(end.line) }
      void read(after, (known, page) => (known === undefined ? page : withNext(known, end, page)))
    }
  }
}
