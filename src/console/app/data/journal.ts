/** A key's whole journal, folded in the page by the machine itself: what time travel and pictures of the past are made of. */
import { useEffect, useState } from "react"
import { momentsOf } from "../../../visualizer/keys/history.ts"
import type { HistoryEntry, Moment } from "../../../visualizer/keys/history.ts"
import { callOperation } from "./api.ts"
import { listAt, textAt } from "./replies.ts"

/** As many events as one answer takes. */
const pageSize = 1000

const entryOf = (event: unknown): HistoryEntry => ({
  seq: Number(textAt(event, "Seq")),
  at: Number(textAt(event, "At")),
  principal: textAt(event, "Principal"),
  requestId: textAt(event, "RequestId"),
  // The server wrote it from its journal, whose shape HistoryEntry says.
  payload: JSON.parse(textAt(event, "Payload")) as HistoryEntry["payload"]
})

/** Every event up to the newest; undefined where it may not be read. */
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

/** Read when it is wanted, and again when the key has moved on. */
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
