/** Every configuration that a key can reach, by breadth-first search, with epochs and instants reduced to an order. */
import { create, freeze } from "../../machines/cmk.ts"
import { plainRequests } from "../../machines/vocabulary.ts"
import type { CmkEvent, CmkInput, CmkSnapshot, Deadline, Decision } from "../../machines/cmk.ts"
import { deadlines, factOf } from "../../machines/deadlines.ts"
import { decide } from "../../machines/permits.ts"
import type { Verdict } from "../../machines/permits.ts"
import {
  addVersion,
  day,
  encryptionPair,
  external,
  importMaterial,
  protect,
  rotating,
  schedule,
  setRotation,
  signingPair,
  symmetric
} from "./keys.ts"

/** Origin, kind and policy in every combination of CreateKey, as a user's key and as a service key. */
export const births: ReadonlyArray<readonly [name: string, input: CmkInput]> = [
  ["symmetric", symmetric],
  ["symmetric, rotating", rotating],
  ["external", external],
  ["asymmetric for encryption", encryptionPair],
  ["asymmetric for signatures", signingPair],
  ["symmetric of a service", { ...symmetric, serviceKey: true }],
  ["external of a service", { ...external, serviceKey: true }],
  ["asymmetric of a service", { ...encryptionPair, serviceKey: true }]
]

export interface Configuration {
  readonly snapshot: CmkSnapshot
  readonly now: number
}

/** Every request at this instant, with a few values for its members. */
export const requests = (now: number): ReadonlyArray<CmkEvent> => [
  ...plainRequests.map((type) => ({ type, at: now })),
  schedule(now, 7),
  schedule(now, 30),
  ...["first", "other"].flatMap((fingerprint) =>
    [null, now + day, now + 60 * day].map((expiresAt) => importMaterial(now, { fingerprint, expiresAt }))
  ),
  protect(now, true),
  protect(now, false),
  setRotation(now, null),
  setRotation(now, 7),
  setRotation(now, 365),
  addVersion(now)
]

/** Facts that answer no deadline, with a few values for their members. */
export const reports = ({ snapshot, now }: Configuration): ReadonlyArray<CmkEvent> => [
  {
    type: "VersionExhausted",
    at: now,
    exhaustedVersionId: snapshot.context.primaryVersionId ?? "none",
    versionId: `version-at-${now}-for-more`
  }
]

/** The facts that answer the key's deadlines, each when it is due or now if it is overdue. */
export const facts = ({ snapshot, now }: Configuration): ReadonlyArray<CmkEvent> =>
  deadlines(snapshot).map((owed) => factOf(owed, Math.max(owed.dueAt, now), `version-at-${now}-${owed.dueAt}`))

const isDue = (deadline: Deadline | null, now: number): boolean | null =>
  deadline === null ? null : deadline.dueAt <= now

/** Two configurations are equal if no event can distinguish them: epochs and instants are reduced to an order. */
const nameOf = ({ snapshot, now }: Configuration): string => {
  const { value, context } = freeze(snapshot)
  const { materialPresent, fingerprint, deletionProtection, rotationIntervalMillis } = context
  const { newestVersionAt, newestVersionId, primaryVersionId, versionCount } = context
  return JSON.stringify({
    value,
    materialPresent,
    fingerprint,
    deletionProtection,
    rotationIntervalMillis,
    primaryIsNewest: primaryVersionId === null ? null : primaryVersionId === newestVersionId,
    versions: Math.min(versionCount, 3),
    spaced: now - newestVersionAt >= 7 * day,
    due: [context.deletion, context.materialExpiry, context.nextRotation].map((deadline) => isDue(deadline, now))
  })
}

export interface Step {
  readonly from: Configuration
  readonly event: CmkEvent
  readonly verdict: Verdict
}

export interface Exploration {
  readonly configurations: ReadonlyArray<Configuration>
  /** Every event tried in every configuration. */
  readonly steps: ReadonlyArray<Step>
}

/** An upper bound: a search that reaches it has a fault in its abstraction. */
const configurationsMax = 5_000

const isDecision = (verdict: Verdict): verdict is Decision => verdict._tag === "Decision"

const explore = (input: CmkInput): Exploration => {
  const configurations: Array<Configuration> = []
  const steps: Array<Step> = []
  const seen = new Set<string>()
  const visit = (configuration: Configuration): void => {
    const name = nameOf(configuration)
    if (seen.has(name)) return
    seen.add(name)
    configurations.push(configuration)
    if (configurations.length > configurationsMax) throw new Error("the search does not end")
  }
  visit({ snapshot: create(input).next, now: input.newestVersionAt })
  // The list grows during the loop: that is the breadth-first search.
  for (const from of configurations) {
    for (const event of [...requests(from.now), ...facts(from), ...reports(from)]) {
      const verdict = decide(from.snapshot, event)
      steps.push({ from, event, verdict })
      if (isDecision(verdict)) visit({ snapshot: verdict.next, now: event.at })
    }
    for (const wait of [day, 7 * day, 365 * day]) visit({ snapshot: from.snapshot, now: from.now + wait })
  }
  return { configurations, steps }
}

const explorations = new Map<CmkInput, Exploration>()

/** The search for one kind of key; each runs once. */
export const explorationOf = (input: CmkInput): Exploration => {
  const known = explorations.get(input)
  if (known !== undefined) return known
  const made = explore(input)
  explorations.set(input, made)
  return made
}
