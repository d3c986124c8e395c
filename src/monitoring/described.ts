/** Every metric of a server: its type, labels, unit and meaning. docs/metrics.md is generated from this table. */
import type { Across, Description } from "./description.ts"
import { describedProcess } from "./describedProcess.ts"

/** A larger store is counted at most once in `countAgeMax`, because a database counts rows for it. */
export const countedKeysMax = 10_000
export const countAgeMax = 30_000

const whileReadable = "while the store can be read"
const withOtherNodes = "if other servers can change the store"
const withToken = "with a token"
const withWorkers = "with several workers"

export const described = {
  keystate_requests_total: {
    type: "counter",
    labels: ["operation", "code"],
    unit: "requests",
    about: "Requests answered, by operation and code."
  },
  keystate_request_seconds: {
    type: "histogram",
    labels: ["operation"],
    unit: "seconds",
    about: "Time from the request's first byte to its answer."
  },
  keystate_alarms_total: {
    type: "counter",
    labels: ["alarm"],
    unit: "calls",
    about: "Calls that an operator should check."
  },
  keystate_keys: {
    type: "gauge",
    across: "own",
    labels: ["state"],
    unit: "keys",
    about: `Keys in each state; with more than ${countedKeysMax} keys up to ${countAgeMax / 1000} seconds old.`,
    shown: whileReadable
  },
  keystate_keys_age_seconds: {
    type: "gauge",
    across: "own",
    labels: [],
    unit: "seconds",
    about: "Time since the keys were counted.",
    shown: whileReadable
  },
  keystate_keys_awake: { type: "gauge", across: "sum", labels: [], unit: "keys", about: "Keys in memory." },
  keystate_deadlines_overdue: {
    type: "gauge",
    across: "own",
    labels: [],
    unit: "deadlines",
    about: "Deadlines that are due and not performed yet.",
    shown: whileReadable
  },
  keystate_deletions_held: {
    type: "gauge",
    across: "own",
    labels: [],
    unit: "deadlines",
    about: "Deletions that are due and wait for a decision on the clock.",
    shown: whileReadable
  },
  keystate_expiries_held: {
    type: "gauge",
    across: "own",
    labels: [],
    unit: "deadlines",
    about: "Expiries of material that are due and wait for a decision on the clock.",
    shown: whileReadable
  },
  keystate_clock_in_doubt: {
    type: "gauge",
    across: "highest",
    labels: ["direction"],
    unit: "0 or 1",
    about: "Whether the machine's clock jumped, by direction."
  },
  keystate_clock_offset_seconds: {
    type: "gauge",
    across: "own",
    labels: [],
    unit: "seconds",
    about: "The machine's clock minus lifecycle time."
  },
  keystate_store_readable: {
    type: "gauge",
    across: "lowest",
    labels: [],
    unit: "0 or 1",
    about: "Whether the store could be read for this answer."
  },
  keystate_store_up: {
    type: "gauge",
    across: "lowest",
    labels: [],
    unit: "0 or 1",
    about: "The same, under the name that dashboards of several servers use."
  },
  keystate_store_writable: {
    type: "gauge",
    across: "lowest",
    labels: [],
    unit: "0 or 1",
    about: "Whether the last write found disk space."
  },
  keystate_audit_waiting: {
    type: "gauge",
    across: "sum",
    labels: [],
    unit: "records",
    about: "Audit records that are not on the disk yet."
  },
  keystate_commit_conflicts_total: {
    type: "counter",
    labels: [],
    unit: "commits",
    about: "Commits that lost a race with another server; they were decided again or refused."
  },
  keystate_adoptions_total: {
    type: "counter",
    labels: [],
    unit: "reads",
    about: "Times a key was read again because another server had changed it."
  },
  keystate_proof_seconds: {
    type: "histogram",
    labels: [],
    unit: "seconds",
    about: "Time from a read of shared data in the store to its answer or failure.",
    shown: withOtherNodes
  },
  keystate_proof_batch_size: {
    type: "histogram",
    labels: [],
    unit: "calls",
    about: "Calls that shared such a read with another call.",
    shown: withOtherNodes
  },
  keystate_hsm_ready: {
    type: "gauge",
    across: "lowest",
    labels: [],
    unit: "0 or 1",
    about: "Whether the token answers.",
    shown: withToken
  },
  keystate_hsm_sessions: {
    type: "gauge",
    across: "sum",
    labels: [],
    unit: "sessions",
    about: "Open sessions of the token.",
    shown: withToken
  },
  keystate_hsm_calls_total: {
    type: "counter",
    labels: ["call", "outcome"],
    unit: "calls",
    about: "Calls to the token, by outcome.",
    shown: withToken
  },
  keystate_hsm_call_seconds_total: {
    type: "counter",
    labels: ["call", "outcome"],
    unit: "seconds",
    about: "Time of calls to the token.",
    shown: withToken
  },
  keystate_workers: {
    type: "gauge",
    across: "own",
    labels: [],
    unit: "processes",
    about: "Processes of the server that accept connections.",
    shown: withWorkers
  },
  keystate_worker_restarts_total: {
    type: "counter",
    labels: [],
    unit: "processes",
    about: "Processes of the server that ended and were started again.",
    shown: withWorkers
  },
  keystate_build_info: {
    type: "gauge",
    across: "own",
    labels: ["version"],
    unit: "always 1",
    about: "The version of Keystate."
  },
  ...describedProcess
} as const satisfies Record<string, Description>

export type MetricName = keyof typeof described

/** The names of the metrics of one type. */
export type NameOf<Type extends Description["type"]> = {
  readonly [Name in MetricName]: (typeof described)[Name]["type"] extends Type ? Name : never
}[MetricName]

/** A value for exactly the labels of a metric. */
export type LabelsOf<Name extends MetricName> = Readonly<Record<(typeof described)[Name]["labels"][number], string>>

/** When a server shows a metric; undefined means always. */
export const shownWhen = (name: MetricName): string | undefined => {
  const description: Description = described[name]
  return description.shown
}

/** How the values of several workers are combined; counters and histograms are added. */
export const acrossWorkers = (name: MetricName): Across => {
  const description: Description = described[name]
  return description.type === "gauge" ? description.across : "sum"
}
