/** The conformance suite as a library: an adapter in, a report out. */
export { isOperation, operations, profiles } from "./adapter.ts"
export type { Answer, Capabilities, KmsAdapter, OperationName, Principal, Profile } from "./adapter.ts"
export { overAws } from "./adapters/aws/aws.ts"
export type { AwsOptions } from "./adapters/aws/aws.ts"
export { overHttp } from "./adapters/http.ts"
export type { AccessKey, HttpOptions } from "./adapters/http.ts"
export { atLevel } from "./adapters/level.ts"
export type { ProtectionLevel } from "./adapters/level.ts"
export { inProcess } from "./adapters/inProcess.ts"
export type { InProcessOptions } from "./adapters/inProcess.ts"
export { overStdio } from "./adapters/stdio.ts"
export type { StdioOptions } from "./adapters/stdio.ts"
export type { Dialect, Exception, ModelCode, Words } from "./dialect.ts"
export { aws, dialects, vendor, vendorToday } from "./dialects.ts"
export { lawOf, laws } from "./laws.ts"
export type { Law } from "./laws.ts"
export type { ConformanceOptions, Phase, Progress } from "./options.ts"
export { parseReplay, replay, replayOf, replaySchema } from "./replay.ts"
export type { Replay, Replayed } from "./replay.ts"
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
export { writeFailures } from "./write/files.ts"
export { counterexampleText, matrixText, reportText } from "./write/terminal.ts"
