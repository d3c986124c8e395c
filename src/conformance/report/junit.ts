/** The report as JUnit XML: a suite for each group of laws, and a case for each law. */
import { around, escaped, leaf, saying } from "../../visualizer/svg/markup.ts"
import type { LawResult, Report } from "./report.ts"
import { counterexampleText } from "./terminal.ts"

const failure = (law: LawResult, report: Report): string => {
  const found = report.counterexamples.find((each) => each.law === law.id)
  return around("failure", { type: law.severity, message: found?.finding ?? "broken" }, [
    found === undefined ? "" : escaped(counterexampleText(found))
  ])
}

/** Why a law is not simply passed. A law that is known to be broken is skipped, with its reason. */
const inside = (law: LawResult, report: Report): string => {
  switch (law.status) {
    case "broken":
      return failure(law, report)
    case "fixed":
      return leaf("failure", {
        type: law.severity,
        message: "It is listed as broken but holds: remove it from the list."
      })
    case "known":
      return leaf("skipped", { message: "It is known to be broken." })
    case "skipped":
    case "inconclusive":
      return leaf("skipped", { message: `${law.status}: ${law.reason ?? "nothing tested it"}` })
    default:
      return ""
  }
}

const testcase = (law: LawResult, report: Report): string => {
  const name = `${law.id} (${law.severity}) ${law.sentence}`
  return around("testcase", { classname: law.group, name, assertions: law.exercised }, [inside(law, report)])
}

const counts = (cases: ReadonlyArray<string>) => ({
  tests: cases.length,
  failures: cases.filter((each) => each.includes("<failure ")).length,
  skipped: cases.filter((each) => each.includes("<skipped ")).length
})

export const junitXml = (report: Report): string => {
  const groups = [...new Set(report.laws.map(({ group }) => group))]
  const suites = groups.map((group) => {
    const cases = report.laws.filter((law) => law.group === group).map((law) => testcase(law, report))
    return { cases, text: around("testsuite", { name: group, errors: 0, ...counts(cases) }, cases) }
  })
  const broken = report.error
  const own = { tests: 1, errors: 1, failures: 0 }
  const adapter =
    broken === undefined
      ? ""
      : around("testsuite", { name: "adapter", ...own }, [
          around("testcase", { classname: "adapter", name: report.adapter.name }, [
            saying("error", { message: broken }, broken)
          ])
        ])
  const all = counts(suites.flatMap(({ cases }) => cases))
  const tests = all.tests + (broken === undefined ? 0 : 1)
  const time = report.elapsedMillis / 1000
  const name = `keystate conformance: ${report.adapter.name}`
  const root = { name, ...all, tests, errors: broken === undefined ? 0 : 1, time }
  return `<?xml version="1.0" encoding="UTF-8"?>\n${around("testsuites", root, [adapter, ...suites.map(({ text }) => text)])}\n`
}
