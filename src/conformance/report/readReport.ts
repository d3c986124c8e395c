/** Reads the JSON of a report, and checks its form before anything else. */
import { Schema } from "effect"
import { reportSchema } from "./report.ts"
import type { LawStatus, Replayed, ReportVerdict, Severity, Shrinking } from "./report.ts"

const severity = Schema.Literals(["MUST", "SHOULD"] satisfies ReadonlyArray<Severity>)

const step = Schema.Struct({
  number: Schema.Number,
  text: Schema.String,
  operation: Schema.String,
  request: Schema.Record(Schema.String, Schema.Unknown),
  answer: Schema.Unknown,
  native: Schema.optionalKey(
    Schema.Array(Schema.Struct({ call: Schema.String, request: Schema.Unknown, reply: Schema.Unknown }))
  ),
  before: Schema.String,
  after: Schema.String,
  told: Schema.String,
  expected: Schema.String,
  got: Schema.String,
  ok: Schema.Boolean,
  faults: Schema.Array(Schema.String)
})

const counterexample = Schema.Struct({
  law: Schema.String,
  severity,
  sentence: Schema.String,
  source: Schema.String,
  finding: Schema.String,
  phase: Schema.String,
  seed: Schema.String,
  shrunkFrom: Schema.Number,
  steps: Schema.Array(step),
  replayed: Schema.Literals([
    "newService",
    "newKeys",
    "usedService",
    "no",
    "untried"
  ] satisfies ReadonlyArray<Replayed>),
  shrinking: Schema.Literals(["done", "outOfTime", "noRoom", "tooLong", "off"] satisfies ReadonlyArray<Shrinking>),
  withHistory: Schema.Boolean,
  reproduced: Schema.Boolean
})

const law = Schema.Struct({
  id: Schema.String,
  group: Schema.String,
  sentence: Schema.String,
  severity,
  source: Schema.String,
  status: Schema.Literals([
    "passed",
    "broken",
    "known",
    "fixed",
    "skipped",
    "inconclusive"
  ] satisfies ReadonlyArray<LawStatus>),
  exercised: Schema.Number,
  reason: Schema.optionalKey(Schema.String)
})

const report = Schema.Struct({
  schema: Schema.Literal(reportSchema),
  adapter: Schema.Struct({ name: Schema.String, dialect: Schema.String, clock: Schema.Literals(["virtual", "none"]) }),
  options: Schema.Struct({ seed: Schema.String }),
  verdict: Schema.Literals(["pass", "violation", "error", "inconclusive"] satisfies ReadonlyArray<ReportVerdict>),
  error: Schema.optionalKey(Schema.String),
  calls: Schema.Number,
  runs: Schema.Number,
  cutShort: Schema.Boolean,
  laws: Schema.Array(law),
  counterexamples: Schema.Array(counterexample)
})

/** The report's statements about the service, without data that only the suite needs. */
export type ReadReport = typeof report.Type
export type ReadLaw = typeof law.Type
export type ReadCounterexample = typeof counterexample.Type

const decode = Schema.decodeUnknownSync(report)

/** Throws an error that describes the fault, unless the text is the JSON of a report. */
export const readReport = (text: string): ReadReport => {
  const value: unknown = JSON.parse(text)
  return decode(value)
}
