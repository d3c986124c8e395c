/** The conformance suite as a library: an adapter in, a report out. */
export { isOperation, operations, profiles } from "./adapter.ts"
export type { Answer, Capabilities, KmsAdapter, OperationName, Principal, Profile } from "./adapter.ts"
export type { Dialect, Exception, ModelCode } from "./dialect.ts"
export { lawOf, laws } from "./laws.ts"
export type { Law } from "./laws.ts"
export type { ConformanceOptions, Phase, Progress } from "./options.ts"
export { reportSchema } from "./report.ts"
export type {
  Cell,
  CellStatus,
  Counterexample,
  Coverage,
  LawResult,
  LawStatus,
  Reached,
  Report,
  ReportVerdict,
  Severity,
  Skipped,
  TracedStep
} from "./report.ts"
export { runConformance } from "./run.ts"
export type { Label, Step, Twist } from "./step.ts"
