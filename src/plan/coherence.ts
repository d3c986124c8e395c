/** The conditions that a change must meet before it is planned. */
import { genesis } from "../records/hashChain.ts"
import type { Change } from "../records/rows.ts"

const isOfAnotherKey = ({ keyId, entry, newVersions }: Change): boolean =>
  entry.keyId !== keyId || newVersions.some((version) => version.keyId !== keyId)

const movesAnotherKeysAlias = ({ keyId, aliases }: Change): boolean =>
  aliases?.some(({ from, to }) => (to ?? from) !== keyId) ?? false

/** The parts that each change must have, with the test for their absence. */
const demands: ReadonlyArray<readonly [demand: (change: Change) => string, isUnmet: (change: Change) => boolean]> = [
  [
    ({ expectedEpoch }) => `the event after ${expectedEpoch}`,
    ({ expectedEpoch, entry, snapshot }) =>
      entry.seq !== expectedEpoch + 1 || snapshot.context.epoch !== expectedEpoch + 1
  ],
  [
    () => "a creation exactly when the key is new",
    ({ expectedEpoch, entry }) => (entry.payload.type === "CreateKey") !== (expectedEpoch === 0)
  ],
  [
    () => "the hash of the previous event, if there is one",
    ({ expectedEpoch, previous }) => (previous === genesis) !== (expectedEpoch === 0)
  ],
  [() => "rows of its own key", isOfAnotherKey],
  [() => "aliases of its own key", movesAnotherKeysAlias]
]

/** Throws if the change contradicts itself, which only a bug above the store can cause. */
export const assertCoherent = (change: Change): void => {
  if (!demands.some(([, isUnmet]) => isUnmet(change))) return
  const unmet = demands.filter(([, isUnmet]) => isUnmet(change)).map(([demand]) => demand(change))
  throw new Error(`a change of key ${change.keyId} must have ${unmet.join(" and ")}`)
}
