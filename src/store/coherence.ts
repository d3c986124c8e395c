/** What every store believes of a change before it writes it, and when the change comes too late. */
import type { Change } from "../records/rows.ts"

const faultsOf = (change: Change): ReadonlyArray<string> => {
  const { keyId, entry, snapshot } = change
  const epoch = change.expectedEpoch + 1
  const others = [entry, ...change.newVersions].filter((row) => row.keyId !== keyId)
  const strangers = (change.aliases ?? []).filter(({ from, to }) => (to === null ? from !== keyId : to !== keyId))
  return [
    ...(entry.seq === epoch && snapshot.context.epoch === epoch ? [] : [`the event after ${change.expectedEpoch}`]),
    ...((entry.payload.type === "CreateKey") === (epoch === 1) ? [] : ["a creation exactly when the key is new"]),
    ...(others.length === 0 ? [] : ["rows of its own key"]),
    ...(strangers.length === 0 ? [] : ["aliases of its own key"])
  ]
}

/** Throws if the change contradicts itself: only a bug above the store can make one that does. */
export const assertCoherent = (change: Change): void => {
  const faults = faultsOf(change)
  if (faults.length > 0) throw new Error(`a change of key ${change.keyId} must carry ${faults.join(" and ")}`)
}

/** Compare-and-set on the key's epoch: `found` is the epoch of the stored key, undefined if there is none. */
export const comesTooLate = (change: Change, found: number | undefined): boolean =>
  (found ?? 0) !== change.expectedEpoch

/** A version that is there already may only be given material if that material is imported. */
export const assertMayTakeMaterial = (change: Change): void => {
  if (change.snapshot.context.origin === "EXTERNAL") return
  throw new Error(`a version of key ${change.keyId} exists already, and its material may never change`)
}
