/** The conformance suite as a library: tests an adapter and returns a report. */
export { isOperation, operations, profiles } from "./adapters/adapter.ts"
export type {
  Answer,
  Capabilities,
  KmsAdapter,
  NativeCall,
  OperationName,
  Principal,
  Profile
} from "./adapters/adapter.ts"
export { overAws } from "./adapters/aws/aws.ts"
export type { AwsOptions } from "./adapters/aws/aws.ts"
export { overGoogle } from "./adapters/google.ts"
export type { GoogleOptions } from "./adapters/google.ts"
export { overHttp } from "./adapters/http.ts"
export type { HttpOptions } from "./adapters/http.ts"
export type { AccessKey } from "./adapters/wire.ts"
export { atLevel } from "./adapters/level.ts"
export type { ProtectionLevel } from "./adapters/level.ts"
export { overTransit } from "./adapters/transit.ts"
export type { TransitOptions } from "./adapters/transit.ts"
export { inProcess } from "./adapters/inProcess.ts"
export type { InProcessOptions } from "./adapters/inProcess.ts"
export { overStdio } from "./adapters/stdio.ts"
export type { StdioOptions } from "./adapters/stdio.ts"
export type { Dialect, Exception, ModelCode, Words } from "./dialects/dialect.ts"
export { aws, dialects, vendor, vendorToday } from "./dialects/dialects.ts"
export { isLinearizable } from "./histories/linearizable.ts"
export type { Operation as HistoryOperation } from "./histories/linearizable.ts"
export { isLawId, lawOf, laws } from "./lawbook/laws.ts"
export type { Law, LawId } from "./lawbook/laws.ts"
export type { ConformanceOptions, Phase, Progress } from "./run/options.ts"
export { parseReplay, replay, replayOf, replaySchema } from "./counterexamples/replay.ts"
export type { Replay, Replayed } from "./counterexamples/replay.ts"
export { reportSchema } from "./report/report.ts"
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
} from "./report/report.ts"
export { runConformance } from "./run/run.ts"
export type { Label, Step, Twist } from "./steps/step.ts"
export { writeFailures } from "./report/files.ts"
export { counterexampleText, matrixText, reportText } from "./report/terminal.ts"
