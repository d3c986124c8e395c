/** Builds the report of a run: laws with their status, coverage, counterexamples, warnings, and the verdict. */
import { operations } from "../adapters/adapter.ts"
import type { OperationName } from "../adapters/adapter.ts"
import { lawIn, operationIn } from "../dialects/inDialect.ts"
import { lawOf, laws } from "../lawbook/laws.ts"
import type { Law } from "../lawbook/laws.ts"
import { reportSchema } from "./report.ts"
import type { Counterexample, LawResult, Report, ReportVerdict, Skipped } from "./report.ts"
import type { Shrunk } from "../counterexamples/shrink.ts"
import { coverageOf } from "./coverage.ts"
import { lifecycleDiagram, sequenceDiagram } from "./diagrams.ts"
import type { Outcome } from "./outcome.ts"
import { tracedStep } from "./trace.ts"
import { twistsInWords } from "./words.ts"

const hasClockOf = ({ adapter }: Outcome): boolean => adapter.capabilities.clock === "virtual"

/** Why a law was not tested; undefined if it was. */
const lackOf = (law: Law, outcome: Outcome): string | undefined => {
  const { needs } = law
  if (!outcome.settings.profiles.includes(needs.profile)) return `the profile ${needs.profile} is not tested`
  const missing = needs.operations.find((operation) => !outcome.has.has(operation))
  return missing === undefined ? undefined : `${missing} is not there`
}

const resultOf = (law: Law, outcome: Outcome): LawResult => {
  const { id, group, sentence, severity, source } = lawIn(outcome.settings.dialect, law)
  const exercised = outcome.tally.laws.get(id) ?? 0
  const known = outcome.settings.known.includes(id)
  const result = { id, group, sentence, severity, source, exercised }
  if (outcome.shrunk.some(({ violation }) => violation.law === id))
    return { ...result, status: known ? "known" : "broken" }
  if (outcome.explained.has(id))
    return { ...result, status: "inconclusive", reason: "the same calls break other laws one after another" }
  if (exercised > 0) return { ...result, status: known ? "fixed" : "passed" }
  const lack = lackOf(law, outcome)
  if (lack !== undefined) return { ...result, status: "skipped", reason: lack }
  const reason = law.needs.clock === true && !hasClockOf(outcome) ? "the clock cannot be moved" : "no answer tested it"
  return { ...result, status: "inconclusive", reason }
}

const counterexampleOf = (found: Shrunk, { settings }: Outcome): Counterexample => {
  const { violation, foundIn, replayed, shrinking, withHistory } = found
  const { id, severity, sentence, source } = lawIn(settings.dialect, lawOf(violation.law))
  const steps = violation.trace.map((performed, index) => tracedStep(performed, index + 1, settings.dialect))
  return {
    law: id,
    severity,
    sentence,
    source,
    finding: violation.fault,
    phase: violation.phase,
    seed: settings.seed,
    shrunkFrom: foundIn,
    steps,
    replay: violation.steps,
    replayed,
    shrinking,
    withHistory,
    reproduced: replayed === "newService" || replayed === "newKeys",
    lifecycle: lifecycleDiagram(steps),
    sequence: sequenceDiagram(steps)
  }
}

const whyAbsent = (operation: OperationName, { adapter, settings }: Outcome): string => {
  if (!adapter.capabilities.operations.includes(operation)) return "the adapter does not have it"
  const isKnown = settings.dialect.operations[operation] !== undefined
  return isKnown ? "its profile is not tested" : `the dialect ${settings.dialect.name} does not have it`
}

/** Steps of an operation that are left out, as the report names them. */
const leftOutIn = ({ settings: { dialect }, has }: Outcome): ReadonlyArray<Skipped> =>
  (dialect.leavesOut ?? []).flatMap(({ operations: of, twists, longest, empty, why }) =>
    of
      .filter((operation) => has.has(operation))
      .map((operation) => {
        const steps = [
          ...twists.map((twist) => twistsInWords[twist]),
          ...(longest === true ? ["of the longest length"] : []),
          ...(empty === true ? ["with empty plaintext"] : [])
        ]
        return { what: `${operationIn(dialect, operation)} (${steps.join(", ")})`, why }
      })
  )

const skippedIn = (outcome: Outcome, results: ReadonlyArray<LawResult>): ReadonlyArray<Skipped> => {
  const absent = operations.filter((operation) => !outcome.has.has(operation))
  return [
    ...absent.map((operation): Skipped => ({ what: operation, why: whyAbsent(operation, outcome) })),
    ...leftOutIn(outcome),
    ...results.flatMap(({ id, status, reason = "" }) => (status === "skipped" ? [{ what: id, why: reason }] : []))
  ]
}

const warningsIn = (outcome: Outcome, results: ReadonlyArray<LawResult>): ReadonlyArray<string> => {
  const { tally, quota, cutShort, settings } = outcome
  const never = [...tally.refused.keys()].filter((operation) => !tally.accepted.has(operation))
  const noClock = results.filter(({ reason }) => reason === "the clock cannot be moved").length
  return [
    ...never.map((operation) => `Every ${operation} was refused: what follows from it was not tested.`),
    ...(quota ? ["The service accepts no more keys, so the rest was not run."] : []),
    ...(cutShort && settings.budgetMillis !== null ? ["The time was over before everything was run."] : []),
    ...(noClock > 0 ? [`${noClock} laws about time stay open: the clock of the service cannot be moved.`] : []),
    ...results.flatMap(({ id, status }) =>
      status === "fixed" ? [`${id} was expected to be broken, and is not.`] : []
    ),
    ...settings.known.filter((id) => !laws.some((law) => law.id === id)).map((id) => `No law has the id ${id}.`)
  ]
}

const verdictOf = (outcome: Outcome, results: ReadonlyArray<LawResult>): ReportVerdict => {
  if (results.some(({ status, severity }) => status === "broken" && severity === "MUST")) return "violation"
  if (outcome.error !== undefined) return "error"
  return results.some(({ status }) => status === "passed" || status === "fixed") && !outcome.quota
    ? "pass"
    : "inconclusive"
}

const exitCodes = { pass: 0, violation: 1, error: 2, inconclusive: 3 } as const

/** A violation of sequential calls comes before one of concurrent calls, because it often explains that one. */
const rank = ({ severity, phase }: Counterexample): number =>
  (severity === "MUST" ? 0 : 2) + (phase === "bursts" ? 1 : 0)

const byWeight = (a: Counterexample, b: Counterexample): number => rank(a) - rank(b) || a.law.localeCompare(b.law)

export const reportOf = (outcome: Outcome): Report => {
  const { adapter, settings, tally, has } = outcome
  const results = laws.map((law) => resultOf(law, outcome))
  const verdict = verdictOf(outcome, results)
  const { capabilities } = adapter
  return {
    schema: reportSchema,
    adapter: {
      name: adapter.name,
      dialect: settings.dialect.name,
      clock: capabilities.clock,
      reset: capabilities.reset,
      profiles: settings.profiles,
      operations: [...has]
    },
    options: {
      seed: settings.seed,
      runs: settings.runs,
      maxLength: settings.maxLength,
      parallel: settings.parallel,
      budgetMillis: settings.budgetMillis,
      known: settings.known
    },
    verdict,
    exitCode: exitCodes[verdict],
    ...(outcome.error === undefined ? {} : { error: outcome.error }),
    calls: tally.calls,
    runs: outcome.runs,
    elapsedMillis: Math.round(outcome.elapsedMillis),
    cutShort: outcome.cutShort,
    laws: results,
    coverage: coverageOf(tally, settings, {
      has,
      hasClock: hasClockOf(outcome),
      laws: { reached: results.filter(({ exercised }) => exercised > 0).length, of: results.length }
    }),
    counterexamples: outcome.shrunk.map((found) => counterexampleOf(found, outcome)).sort(byWeight),
    skipped: skippedIn(outcome, results),
    warnings: warningsIn(outcome, results)
  }
}
