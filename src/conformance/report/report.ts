/** What a run of the suite found, as data: the schema of `report.json`, and of everything that is drawn from it. */
import type { OperationName, Profile } from "../adapters/adapter.ts"
import type { Severity } from "../lawbook/law.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Step } from "../steps/step.ts"

/** Changes when a reader of an older report would misread a newer one. */
export const reportSchema = "keystate-conformance/1"

export type { Severity } from "../lawbook/law.ts"

/**
 * `known`: broken, and expected to be. `fixed`: expected to be broken, and put to the test without breaking.
 * `skipped`: the service does not have what the law is about. `inconclusive`: nothing put the law to the test.
 */
export type LawStatus = "passed" | "broken" | "known" | "fixed" | "skipped" | "inconclusive"

/** What a run found about one law. */
export interface LawResult {
  readonly id: LawId
  readonly group: string
  readonly sentence: string
  readonly severity: Severity
  /** Where the guide or the API says so. */
  readonly source: string
  readonly status: LawStatus
  /** How often an answer could have broken it. */
  readonly exercised: number
  /** Why it was skipped or stayed inconclusive. */
  readonly reason?: string
}

/** `right`, `wrong`: as the model says, or not. `unspecified`: the guide leaves the answer open. `unreached`: not exercised. */
export type CellStatus = "right" | "wrong" | "unspecified" | "unreached"

/** One operation on one kind of key in one state. */
export interface Cell {
  readonly operation: string
  /** What the operation is called there, if it is called otherwise. */
  readonly called?: string
  readonly kind: string
  readonly state: string
  readonly status: CellStatus
  readonly calls: number
  /** `Success` or a code, as the model expects it for a plain call; every answer seen, the most frequent first. */
  readonly expected: string
  readonly seen: ReadonlyArray<string>
}

/** How many of a set were reached, and the size of the set. */
export interface Reached {
  readonly reached: number
  readonly of: number
}

/** Where a law was tested, and how often. */
export interface LawSituation {
  readonly law: LawId
  /** The kind of key, or `none` where the call was about no key. */
  readonly kind: string
  /** The state of the key by the model when the call was sent; empty where there was no key. */
  readonly state: string
  /** Who asked: the root, a user, or the root of another account or in another region. */
  readonly caller: string
  /** Whether the service was restarted earlier in the sequence. */
  readonly isRestarted: boolean
  readonly tested: number
}

/** How much of the model a run reached. */
export interface Coverage {
  readonly states: Reached
  readonly stateByOperation: Reached
  /** Cells in which the call is legal, and those in which it is refused. */
  readonly legal: Reached
  readonly illegal: Reached
  /** Transitions of the lifecycle that were seen to happen, and pairs of them on one key. */
  readonly transitions: Reached
  readonly transitionPairs: Reached
  readonly laws: Reached
  readonly cells: ReadonlyArray<Cell>
  /** Laws by kinds of key, states, callers and restarts: every combination that was tested. */
  readonly situations: ReadonlyArray<LawSituation>
}

/** An executed step: the request, the answer, and the state of the key after it. */
export interface TracedStep {
  readonly number: number
  /** One line: `Encrypt k1 "00"`. */
  readonly text: string
  readonly operation: string
  /** The request as it was sent, secrets masked. */
  readonly request: Readonly<Record<string, unknown>>
  /** The answer in full, secrets masked: the reply, or the code, the HTTP status and the message of a refusal. */
  readonly answer: unknown
  /** State of the key by the model, before and after; empty if there is no key. */
  readonly before: string
  readonly after: string
  /** State of the key by the service, where the answer tells it. */
  readonly told: string
  /** The answers that the model allows, and the one that came. A success may still say something wrong. */
  readonly expected: string
  readonly got: string
  readonly ok: boolean
  /** What was wrong, in sentences. */
  readonly faults: ReadonlyArray<string>
}

/**
 * The result of a second run of a violation.
 * `newService`: it broke again on a new, empty service. `newKeys`: on keys made for it, in a service that cannot be
 * emptied. `usedService`: on new keys, but not on a new service. `no`: it did not break again. `untried`: no time was
 * left, or the service took no more keys.
 */
export type Replayed = "newService" | "newKeys" | "usedService" | "no" | "untried"

/**
 * `done`: nothing more can go. `outOfTime`: the time was over. `noRoom`: the service takes no more keys. `tooLong`: the steps are too many
 * to try which of them are needed. `off`: not asked for, or not replayed.
 */
export type Shrinking = "done" | "outOfTime" | "noRoom" | "tooLong" | "off"

/** The steps that broke a law, shrunk. */
export interface Counterexample {
  readonly law: LawId
  readonly severity: Severity
  readonly sentence: string
  readonly source: string
  /** What was wrong, in one sentence. */
  readonly finding: string
  /** How it was found: `exhaustive`, `walk`, `metamorphic`, `burst`. */
  readonly phase: string
  readonly seed: string
  readonly shrunkFrom: number
  readonly steps: ReadonlyArray<TracedStep>
  /** The same, to be run again. */
  readonly replay: ReadonlyArray<Step>
  /** Whether it broke again when these very steps were run on new keys, and where. */
  readonly replayed: Replayed
  readonly shrinking: Shrinking
  /** Whether the steps contain those of earlier sequences on the same keys. */
  readonly withHistory: boolean
  /** Whether it broke again on a new service, or on new keys where a service cannot be emptied. */
  readonly reproduced: boolean
  /** Mermaid: the path on the lifecycle, and the calls in their order. */
  readonly lifecycle: string
  readonly sequence: string
}

/** The parts of a counterexample that reports show to people. */
export type ToldCounterexample = Omit<Counterexample, "law" | "replay" | "lifecycle" | "sequence"> & {
  readonly law: string
}

/** A part of the suite that was left out, and the reason. */
export interface Skipped {
  readonly what: string
  readonly why: string
}

/** The outcome of a run as a whole. */
export type ReportVerdict = "pass" | "violation" | "error" | "inconclusive"

/** What a run of the suite found. */
export interface Report {
  readonly schema: typeof reportSchema
  readonly adapter: {
    readonly name: string
    readonly dialect: string
    readonly clock: "virtual" | "none"
    readonly reset: "perRun" | "namespace"
    readonly profiles: ReadonlyArray<Profile>
    readonly operations: ReadonlyArray<OperationName>
  }
  readonly options: {
    readonly seed: string
    readonly runs: number
    readonly maxLength: number
    readonly parallel: number
    readonly budgetMillis: number | null
    readonly known: ReadonlyArray<LawId>
  }
  readonly verdict: ReportVerdict
  readonly exitCode: 0 | 1 | 2 | 3
  /** The adapter's own failure, when the verdict is `error`. */
  readonly error?: string
  readonly calls: number
  readonly runs: number
  readonly elapsedMillis: number
  /** Whether the budget ended the run before its plan was done. */
  readonly cutShort: boolean
  readonly laws: ReadonlyArray<LawResult>
  readonly coverage: Coverage
  readonly counterexamples: ReadonlyArray<Counterexample>
  readonly skipped: ReadonlyArray<Skipped>
  /** Where a pass means little. */
  readonly warnings: ReadonlyArray<string>
}
