/** A report as text for a terminal: the verdict, then broken laws, then coverage. */
import { isOperation } from "../adapters/adapter.ts"
import { exchangesOf } from "./exchanges.ts"
import { lawAddress } from "./lawAddress.ts"
import { provenanceOf } from "./provenance.ts"
import type { Cell, Report, ToldCounterexample, TracedStep } from "./report.ts"
import { stateOrder } from "./stateOrder.ts"

const marks: Readonly<Record<Cell["status"], string>> = { right: "●", wrong: "✗", unspecified: "?", unreached: "·" }

const padded = (text: string, width: number): string => text.padEnd(width)

const json = (value: unknown): string => JSON.stringify(value)

const called = (step: TracedStep, call: string): string => (call === step.operation ? "" : `${call} `)

/** What a reader needs to judge a failed step: the request, the expected answer, and the actual answer. */
const detailOf = (step: TracedStep): ReadonlyArray<string> => {
  const { expected, got, faults, after, before, told } = step
  const exchanges = exchangesOf(step)
  const [last] = exchanges.slice(-1)
  return [
    ...faults.map((fault) => `✗ ${fault}`),
    ...exchanges
      .slice(0, -1)
      .flatMap(({ call, request, reply }) => [
        `request   ${called(step, call)}${json(request)}`,
        `answered  ${json(reply)}`
      ]),
    `request   ${called(step, last?.call ?? step.operation)}${json(last?.request)}`,
    `expected  ${expected}`,
    `answered  ${/^(ok|→)/.test(got) ? "Success" : got}  ${json(last?.reply)}`,
    ...(after === "" && before === ""
      ? []
      : [`state     ${after || before} by the model${told === "" ? "" : `, ${told} by the service`}`])
  ]
}

const stepsOf = (steps: ReadonlyArray<TracedStep>): ReadonlyArray<string> => {
  if (steps.length === 0) return []
  const width = Math.min(52, Math.max(...steps.map(({ text }) => text.length)))
  const answers = Math.max(...steps.map(({ got }) => got.length))
  return steps.flatMap((step) => {
    const { number, text, got, after, ok } = step
    const line =
      `  ${String(number).padStart(3)} ${padded(text, width)}  ${padded(got, answers)}  ${ok ? after : "✗"}`.trimEnd()
    return ok ? [line] : [line, ...detailOf(step).map((detail) => `      ${detail}`)]
  })
}

/** An executed sequence: one line for each step. */
export const traceText = (steps: ReadonlyArray<TracedStep>): string => stepsOf(steps).join("\n")

/** A counterexample as text for a terminal. */
export const counterexampleText = (found: ToldCounterexample): string =>
  [
    `FAIL ${found.law} (${found.severity})  ${found.sentence}`,
    `  source: ${found.source}`,
    `  about: ${lawAddress(found.law)}`,
    `  ${found.finding}`,
    `  ${provenanceOf(found)}`,
    ...stepsOf(found.steps)
  ].join("\n")

/** Operations by states, one table for each kind of key. */
export const matrixText = (cells: ReadonlyArray<Cell>): string =>
  [...new Set(cells.map(({ kind }) => kind))]
    .map((kind) => {
      const own = cells.filter((cell) => cell.kind === kind)
      const states = stateOrder.filter((state) => own.some((cell) => cell.state === state))
      const names = [...new Set(own.map(({ operation }) => operation))]
      const called = (name: string): string => own.find(({ operation }) => operation === name)?.called ?? name
      const width = Math.max(`${kind} keys`.length, ...names.map((name) => called(name).length))
      const rows = names.map((name) => {
        const row = states.map((state) => {
          const cell = own.find(({ operation, state: of }) => operation === name && of === state)
          const text = cell === undefined ? "" : `${marks[cell.status]} ${short(cell.expected)}`
          return padded(text, 18)
        })
        return `  ${padded(called(name), width)}  ${row.join("")}`.trimEnd()
      })
      return [
        `  ${padded(`${kind} keys`, width)}  ${states.map((state) => padded(state, 18)).join("")}`.trimEnd(),
        ...rows
      ].join("\n")
    })
    .join("\n\n")

const short = (code: string): string =>
  code === "Success"
    ? "ok"
    : code
        .replace(/^(Rejected|Forbidden|Unsupported)\./, "")
        .replace("StateModifiedFailed", "StateModified")
        .replace(/(State)?Exception$/, "")
        .slice(0, 15)

const coverageText = ({ coverage }: Report): string => {
  const of = (name: keyof Omit<Report["coverage"], "cells" | "situations">, label: string): string =>
    `${label} ${coverage[name].reached}/${coverage[name].of}`
  return [
    of("states", "states"),
    of("stateByOperation", "state×operation"),
    of("legal", "legal"),
    of("illegal", "illegal"),
    of("transitions", "transitions"),
    of("transitionPairs", "transition pairs"),
    of("laws", "laws")
  ].join(" · ")
}

/** How many combinations were tested, and their dimensions. */
const situationsText = ({ coverage: { situations } }: Report): string => {
  const different = (name: "law" | "kind" | "state" | "caller"): number =>
    new Set(situations.map((situation) => situation[name])).size
  const restarted = situations.filter(({ isRestarted }) => isRestarted).length
  return `${situations.length} combinations of ${different("law")} laws, ${different("kind")} kinds of key, ${different("state")} states and ${different("caller")} callers; ${restarted} of them after a restart`
}

/** Operations by name; laws by number, because the report has their names. */
const skippedText = ({ skipped }: Report): ReadonlyArray<string> => {
  const operations = skipped.filter(({ what }) => isOperation(what)).map(({ what }) => what)
  const count = skipped.filter(({ what }) => what.startsWith("KMS-")).length
  const steps = skipped.filter(({ what }) => what.includes("("))
  if (skipped.length === 0) return []
  return [
    `Skipped   ${[...operations, ...(count === 0 ? [] : [`${count} laws`])].join(", ")}`,
    ...steps.map(({ what, why }) => `Left out  ${what}: ${why}`)
  ]
}

const headlines = {
  pass: () => "PASS",
  violation: () => "VIOLATION",
  error: (error) => `ERROR  ${error ?? ""}`,
  inconclusive: () => "INCONCLUSIVE"
} as const satisfies Record<Report["verdict"], (error: string | undefined) => string>

/** A report as text for a terminal. */
export const reportText = (report: Report): string => {
  const { adapter, laws, counterexamples, warnings, calls, runs, elapsedMillis } = report
  const count = (status: string): number => laws.filter((law) => law.status === status).length
  const open = laws.filter(({ status }) => status === "inconclusive")
  return [
    ...counterexamples.flatMap((found) => [counterexampleText(found), ""]),
    matrixText(report.coverage.cells),
    "",
    "  ● as the model expects   ✗ not as expected   ? not defined by the guide   · not reached",
    "",
    `Laws      ${count("passed")} held · ${count("broken")} broken · ${count("known")} known · ${count("skipped")} skipped · ${count("inconclusive")} inconclusive`,
    `Coverage  ${coverageText(report)}`,
    `          ${situationsText(report)}`,
    ...skippedText(report),
    ...(open.length === 0 ? [] : [`Open      ${open.map(({ id }) => id).join(", ")}`]),
    ...warnings.map((warning) => `Warning   ${warning}`),
    "",
    `${headlines[report.verdict](report.error)}  ${adapter.name}, dialect ${adapter.dialect}: ${calls} calls in ${runs} sequences, ${(elapsedMillis / 1000).toFixed(1)} s`
  ].join("\n")
}
