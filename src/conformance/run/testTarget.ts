/** A service under test, and the knowledge of one run: the model, the names, the executed steps. */
import type { Answer, KmsAdapter, OperationName, Quotas } from "../adapters/adapter.ts"
import type { Dialect } from "../dialects/dialect.ts"
import { emptyModel, stateOf } from "../model/model.ts"
import type { Model, ModelKey } from "../model/model.ts"
import type { PredictedCall, Tested } from "../predict/prediction.ts"
import { makeNames } from "../steps/names.ts"
import type { Names } from "../steps/names.ts"
import type { Receiver } from "../steps/receiver.ts"
import type { Request } from "../steps/request.ts"
import type { Step } from "../steps/step.ts"
import type { Tally } from "./tally.ts"

export interface TestTarget {
  readonly adapter: KmsAdapter
  readonly dialect: Dialect
  readonly receiver: Receiver
  readonly tally: Tally
  /** The quotas that are tested. */
  readonly quotas: Quotas
  /** Operations that both the service and the dialect have. */
  readonly has: ReadonlySet<OperationName>
  /** Whether the suite describes the key after each refusal. The steps of a replay already include this. */
  readonly looksAfterRefusals: boolean
  /** False when the time of the run is over. */
  readonly mayGoOn: () => boolean
}

/** The knowledge of one sequence of steps. */
export interface Session {
  readonly testTarget: TestTarget
  model: Model
  readonly names: Names
  /** Checks that found no fault, by their subject, and `Model.changes` at that time. */
  readonly seen: Map<string, number>
  /** Checks that must give the same result now, unless the restart changed something. */
  readonly beforeRestart: Set<string>
  /** Whether the service was restarted since the sequence began. */
  isRestarted: boolean
}

/** An executed step. The states are those of the model. */
export interface Performed {
  readonly step: Step
  readonly request: Request
  readonly answer: Answer
  readonly before: string
  readonly after: string
  readonly expected: string
  /** All codes that are right where the call must be refused. */
  readonly codes?: ReadonlyArray<string>
  readonly got: string
  readonly findings: ReadonlyArray<Tested>
}

export const openSession = async (testTarget: TestTarget, run: string): Promise<Session> => ({
  testTarget,
  model: emptyModel((await testTarget.adapter.now?.()) ?? 0),
  names: makeNames(run),
  seen: new Map(),
  beforeRestart: new Set(),
  isRestarted: false
})

export const askedOf = ({ testTarget, model, names }: Session, step: Step): PredictedCall => ({
  model,
  step,
  names,
  dialect: testTarget.dialect,
  clock: testTarget.adapter.capabilities.clock,
  level: testTarget.adapter.capabilities.level ?? "SOFTWARE",
  quotas: testTarget.quotas,
  receiver: testTarget.receiver
})

export const stateName = (key: ModelKey | undefined): string => (key === undefined ? "" : stateOf(key))
