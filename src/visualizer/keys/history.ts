/** Replays a key's journal: the configuration after each event. Needs no store and no clock. */
import { create, lifecycleOf, rotationOf } from "../../../machines/cmk.ts"
import type { CmkEvent, CmkInput, CmkSnapshot } from "../../../machines/cmk.ts"
import { decide } from "../../../machines/permits.ts"
import { stateId } from "../model/drawing.ts"

/** The members of a journal entry that the machine needs. Other members are kept. */
export interface HistoryEntry {
  readonly seq: number
  readonly at: number
  readonly principal: string
  readonly requestId: string
  readonly payload:
    | { readonly type: "CreateKey"; readonly input: CmkInput }
    | { readonly type: "Event"; readonly event: CmkEvent }
}

export interface Moment<Entry extends HistoryEntry = HistoryEntry> {
  readonly entry: Entry
  readonly before: CmkSnapshot | undefined
  readonly after: CmkSnapshot
}

/** The name of the event: `CreateKey`, or an event of the machine. */
export const nameOf = ({ payload }: HistoryEntry): string =>
  payload.type === "CreateKey" ? payload.type : payload.event.type

/** Every configuration of a key, in order. Stops with a sentence at an event that the machine does not accept. */
export const momentsOf = <Entry extends HistoryEntry>(
  entries: ReadonlyArray<Entry>
): { readonly moments: ReadonlyArray<Moment<Entry>>; readonly fault: string | undefined } => {
  const moments: Array<Moment<Entry>> = []
  let before: CmkSnapshot | undefined
  for (const entry of entries) {
    const after = stepOf(before, entry)
    if (after === undefined)
      return { moments, fault: `The machine does not take event ${entry.seq}, ${nameOf(entry)}.` }
    moments.push({ entry, before, after })
    before = after
  }
  return { moments, fault: undefined }
}

const stepOf = (before: CmkSnapshot | undefined, { payload }: HistoryEntry): CmkSnapshot | undefined => {
  if (payload.type === "CreateKey") return before === undefined ? create(payload.input).next : undefined
  if (before === undefined) return undefined
  const verdict = decide(before, payload.event)
  return verdict._tag === "Decision" ? verdict.next : undefined
}

/** Ids of the current states of a configuration, one for each region. */
export const activeIn = (snapshot: CmkSnapshot): ReadonlyArray<string> => [
  stateId(["lifecycle", lifecycleOf(snapshot)]),
  stateId(["rotation", rotationOf(snapshot)])
]
