/** Reads a conformance report from a file, and rejects a wrong file with a reason. */
import type { Report } from "../../../conformance/report/report.ts"
import { isRecord } from "./api.ts"
import type { PlainText } from "../text/text.ts"

const schema = "keystate-conformance/1" satisfies Report["schema"]

const lists = ["laws", "counterexamples", "warnings"] as const
const reached = ["states", "stateByOperation", "legal", "illegal", "transitions", "transitionPairs", "laws"] as const
const verdicts: ReadonlyArray<unknown> = ["pass", "violation", "error", "inconclusive"] satisfies ReadonlyArray<
  Report["verdict"]
>

const isReport = (value: Readonly<Record<string, unknown>>): boolean => {
  const { adapter, coverage, options, verdict } = value
  return (
    verdicts.includes(verdict) &&
    isRecord(adapter) &&
    isRecord(options) &&
    isRecord(coverage) &&
    Array.isArray(coverage["cells"]) &&
    reached.every((name) => isRecord(coverage[name])) &&
    lists.every((name) => Array.isArray(value[name]))
  )
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The report, or the reason why the file is not one. */
export const readReport = (text: string): Report | PlainText => {
  const value = parsed(text)
  if (value === undefined) return "it is not JSON."
  if (!isRecord(value) || value["schema"] !== schema) return "it is not a report of the schema keystate-conformance/1."
  if (!isReport(value)) return "part of the report is missing."
  // The schema names the suite as its writer, and every part that the page reads is present.
  return value as Report & typeof value
}
