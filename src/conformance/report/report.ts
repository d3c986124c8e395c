/** The result of a run as data: the schema of `report.json`, and the source of everything that shows it. */
import type { NativeCall, OperationName, Profile } from "../adapters/adapter.ts"
import type { Severity } from "../lawbook/law.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Step } from "../steps/step.ts"

/** Changes when a reader of an older report would misread a newer one. */
export const reportSchema = "keystate-conformance/1"

export type { Severity } from "../lawbook/law.ts"

/**
 * `known`: broken, as expected. `fixed`: expected to be broken, but tested without a violation. `skipped`: the service
 * lacks what the law concerns. `inconclusive`: nothing tested the law.
 */
export type LawStatus = "passed" | "broken" | "known" | "fixed" | "skipped" | "inconclusive"

/** The result of a run for one law. */
export interface LawResult {
  readonly id: LawId
  readonly group: string
  readonly sentence: string
  readonly severity: Severity
  /** The clause of the guide or the API. */
  readonly source: string
  readonly status: LawStatus
  /** How often an answer tested it. */
  readonly exercised: number
  /** Why it was skipped or inconclusive. */
  readonly reason?: string
}

/**
 * `right`, `wrong`: whether the answers agree with the model. `unspecified`: the guide does not define the answer.
 * `unreached`: not tested.
 */
export type CellStatus = "right" | "wrong" | "unspecified" | "unreached"

/** One operation on one kind of key in one state. */
export interface Cell {
  readonly operation: string
  /** The service's name of the operation, if it differs. */
  readonly called?: string
  readonly kind: string
  readonly state: string
  readonly status: CellStatus
  readonly calls: number
  /**
   * `Success` or a code, as the model expects it for a plain call; and every answer received, the most frequent first.
   */
  readonly expected: string
  readonly seen: ReadonlyArray<string>
}

/** How many members of a set were reached, and the size of the set. */
export interface Reached {
  readonly reached: number
  readonly of: number
}

/** Where a law was tested, and how often. */
export interface LawSituation {
  readonly law: LawId
  /** The kind of key, or `none` for a call without a key. */
  readonly kind: string
  /** The state of the key in the model when the call was sent; empty without a key. */
  readonly state: string
  /** The caller: the root, a user, or the root of another account or in another region. */
  readonly caller: string
  /** Whether the service was restarted earlier in the sequence. */
  readonly isRestarted: boolean
  readonly tested: number
}

/** How much of the model a run reached. */
export interface Coverage {
  readonly states: Reached
  readonly stateByOperation: Reached
  /** Cells in which the model permits the call, and cells in which it refuses it. */
  readonly legal: Reached
  readonly illegal: Reached
  /** Transitions of the lifecycle that were observed, and pairs of them on one key. */
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
  /** The request as sent, with secrets masked. */
  readonly request: Readonly<Record<string, unknown>>
  /** The whole answer with secrets masked: the reply, or the code, the HTTP status and the message of a refusal. */
  readonly answer: unknown
  /** What an adapter of another API sent and received, with secrets masked. Absent if the service has this API. */
  readonly native?: ReadonlyArray<NativeCall>
  /** The state of the key in the model, before and after; empty without a key. */
  readonly before: string
  readonly after: string
  /** The state of the key in the service, if the answer contains it. */
  readonly told: string
  /** The answers that the model allows, and the actual answer. A success may still contain a fault. */
  readonly expected: string
  /** All codes that are right where the call must be refused. */
  readonly codes?: ReadonlyArray<string>
  readonly got: string
  readonly ok: boolean
  /** The faults, as sentences. */
  readonly faults: ReadonlyArray<string>
}

/**
 * The result of the second run of a violation. `newService`: it occurred again on a new, empty service. `newKeys`: on
 * new keys, in a service that cannot be emptied. `usedService`: on new keys, but not on a new service. `no`: it did not
 * occur again. `untried`: no time was left, or the service accepted no more keys.
 */
export type Replayed = "newService" | "newKeys" | "usedService" | "no" | "untried"

/**
 * `done`: no step can be removed. `outOfTime`: the time was over. `noRoom`: the service accepts no more keys.
 * `tooLong`: too many steps to try which are needed. `off`: not requested, or not replayed.
 */
export type Shrinking = "done" | "outOfTime" | "noRoom" | "tooLong" | "off"

/** The steps that broke a law, shrunk. */
export interface Counterexample {
  readonly law: LawId
  readonly severity: Severity
  readonly sentence: string
  readonly source: string
  /** The fault, in one sentence. */
  readonly finding: string
  /** The phase that found it: `exhaustive`, `walk`, `metamorphic`, `burst`. */
  readonly phase: string
  readonly seed: string
  readonly shrunkFrom: number
  readonly steps: ReadonlyArray<TracedStep>
  /** The same steps, for a replay. */
  readonly replay: ReadonlyArray<Step>
  /** Whether it occurred again when exactly these steps ran on new keys, and where. */
  readonly replayed: Replayed
  readonly shrinking: Shrinking
  /** Whether the steps include those of earlier sequences on the same keys. */
  readonly withHistory: boolean
  /** Whether it occurred again on a new service, or on new keys if the service cannot be emptied. */
  readonly reproduced: boolean
  /** Mermaid: the path through the lifecycle, and the calls in order. */
  readonly lifecycle: string
  readonly sequence: string
}

/** The parts of a counterexample that reports show. */
export type ToldCounterexample = Omit<Counterexample, "law" | "replay" | "lifecycle" | "sequence"> & {
  readonly law: string
}

/** A part of the suite that was skipped, and the reason. */
export interface Skipped {
  readonly what: string
  readonly why: string
}

/** The outcome of a run as a whole. */
export type ReportVerdict = "pass" | "violation" | "error" | "inconclusive"

/** The result of a run of the suite. */
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
  /** The failure of the adapter, if the verdict is `error`. */
  readonly error?: string
  readonly calls: number
  readonly runs: number
  readonly elapsedMillis: number
  /** Whether the time limit ended the run early. */
  readonly cutShort: boolean
  readonly laws: ReadonlyArray<LawResult>
  readonly coverage: Coverage
  readonly counterexamples: ReadonlyArray<Counterexample>
  readonly skipped: ReadonlyArray<Skipped>
  /** Warnings where a pass has little meaning. */
  readonly warnings: ReadonlyArray<string>
}
