/** A key's whole history, computed in the page by the state machine: used for earlier states and diagrams. */
import { useEffect, useState } from "react"
import { momentsOf } from "../../../visualizer/keys/history.ts"
import type { HistoryEntry, Moment } from "../../../visualizer/keys/history.ts"
import { callOperation } from "./api.ts"
import { listAt, textAt } from "./replies.ts"

/** The most events in one answer. */
const pageSize = 1000

const entryOf = (event: unknown): HistoryEntry => ({
  seq: Number(textAt(event, "Seq")),
  at: Number(textAt(event, "At")),
  principal: textAt(event, "Principal"),
  requestId: textAt(event, "RequestId"),
  // The server writes it from its journal, in the shape of HistoryEntry.
  payload: JSON.parse(textAt(event, "Payload")) as HistoryEntry["payload"]
})

/** Every event up to the newest; undefined if the caller may not read them. */
const readEntries = async (region: string, keyId: string): Promise<ReadonlyArray<HistoryEntry> | undefined> => {
  const entries: Array<HistoryEntry> = []
  for (;;) {
    const answer = await callOperation(region, "ListKeyEvents", {
      KeyId: keyId,
      AfterSeq: String(entries.at(-1)?.seq ?? 0),
      Limit: String(pageSize)
    })
    if (!answer.ok) return undefined
    const page = listAt(answer.reply, "Events", "Event").map(entryOf)
    entries.push(...page)
    if (page.length < pageSize) return entries
  }
}

export const readMoments = async (region: string, keyId: string): Promise<ReadonlyArray<Moment> | undefined> => {
  const entries = await readEntries(region, keyId)
  return entries === undefined ? undefined : momentsOf(entries).moments
}

/** Reads when `wanted`, and again when the key has changed. */
export const useMoments = (
  region: string,
  keyId: string,
  epoch: number,
  wanted: boolean
): ReadonlyArray<Moment> | undefined => {
  const [moments, setMoments] = useState<ReadonlyArray<Moment>>()
  useEffect(() => {
    if (!wanted) return undefined
    let isOld = false
    void readMoments(region, keyId).then((read) => {
      if (!isOld) setMoments(read)
    })
    return () => {
      isOld = true
    }
  }, [region, keyId, epoch, wanted])
  return moments
}
