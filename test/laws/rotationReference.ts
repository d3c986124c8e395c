/** User guide 8.2 for one rotating key, written a second time: only dates, no machine. */

const day = 86_400_000

export type Step =
  | { readonly do: "wait"; readonly hours: number }
  | { readonly do: "disable" | "enable" | "cancel" | "encrypt" | "restart" }
  | { readonly do: "schedule"; readonly days: number }
  | { readonly do: "policy"; readonly intervalDays: number | null }

export interface Expected {
  readonly now: number
  readonly state: "Enabled" | "Disabled" | "PendingDeletion"
  readonly intervalDays: number | null
  readonly deletionAt: number | null
  /** The creation instant of each version, oldest first. */
  readonly versions: ReadonlyArray<number>
}

export const born = (now: number): Expected => ({
  now,
  state: "Enabled",
  intervalDays: null,
  deletionAt: null,
  versions: [now]
})

/** LastRotationTime + RotationInterval, as the guide's formula has it; undefined while there is no policy. */
export const nextRotation = ({ intervalDays, versions }: Expected): number | undefined =>
  intervalDays === null ? undefined : (versions.at(-1) ?? 0) + intervalDays * day

export const automaticRotation = ({ intervalDays, state }: Expected): "Disabled" | "Enabled" | "Suspended" =>
  intervalDays === null ? "Disabled" : state === "Enabled" ? "Enabled" : "Suspended"

/** Whether the guide and the vendor's table of states permit the step. */
export const isLegal = ({ state }: Expected, step: Step): boolean => {
  switch (step.do) {
    case "wait":
    case "restart":
      return true
    case "disable":
    case "enable":
    case "schedule":
      return state !== "PendingDeletion"
    case "cancel":
      return state === "PendingDeletion"
    case "policy":
    case "encrypt":
      return state === "Enabled"
    default:
      return step satisfies never
  }
}

/** Time advances to `until`: each rotation at its instant, an overdue one at once and only once. */
export const pass = (expected: Expected, until: number): Expected => {
  const versions = [...expected.versions]
  for (let { now } = expected; expected.state === "Enabled";) {
    const next = nextRotation({ ...expected, versions })
    if (next === undefined || next > until) break
    now = Math.max(next, now)
    versions.push(now)
  }
  return { ...expected, now: until, versions }
}

/** The key after a legal step; waiting is `pass`. */
export const after = (expected: Expected, step: Step): Expected => {
  switch (step.do) {
    case "disable":
      return { ...expected, state: "Disabled" }
    case "enable":
      return { ...expected, state: "Enabled" }
    case "cancel":
      return { ...expected, state: "Enabled", deletionAt: null }
    case "schedule":
      return { ...expected, state: "PendingDeletion", deletionAt: expected.now + step.days * day }
    case "policy":
      return { ...expected, intervalDays: step.intervalDays }
    case "wait":
    case "encrypt":
    case "restart":
      return expected
    default:
      return step satisfies never
  }
}
