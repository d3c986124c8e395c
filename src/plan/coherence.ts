/** What must be true of a change before it is planned. */
import { genesis } from "../records/hashChain.ts"
import type { Change } from "../records/rows.ts"

const faultsOf = (change: Change): ReadonlyArray<string> => {
  const { keyId, entry, snapshot } = change
  const epoch = change.expectedEpoch + 1
  const others = [entry, ...change.newVersions].filter((row) => row.keyId !== keyId)
  const strangers = (change.aliases ?? []).filter(({ from, to }) => (to === null ? from !== keyId : to !== keyId))
  const isFirst = change.previous === genesis
  return [
    ...(entry.seq === epoch && snapshot.context.epoch === epoch ? [] : [`the event after ${change.expectedEpoch}`]),
    ...((entry.payload.type === "CreateKey") === (epoch === 1) ? [] : ["a creation exactly when the key is new"]),
    ...(isFirst === (epoch === 1) ? [] : ["the hash of the event before, if there is one"]),
    ...(others.length === 0 ? [] : ["rows of its own key"]),
    ...(strangers.length === 0 ? [] : ["aliases of its own key"])
  ]
}

/** Throws if the change contradicts itself: only a bug above the store can make one that does. */
export const assertCoherent = (change: Change): void => {
  const faults = faultsOf(change)
  if (faults.length > 0) throw new Error(`a change of key ${change.keyId} must carry ${faults.join(" and ")}`)
}
