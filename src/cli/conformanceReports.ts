/** `keystate conformance compare` and `keystate conformance issue`: pages and texts made from existing reports. */
import { Console, Effect } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { issueText } from "../conformance/report/issueText.ts"
import { comparisonPage } from "../conformance/report/page/comparison.ts"
import { readReport } from "../conformance/report/readReport.ts"
import { deliver } from "./output/deliver.ts"
import { readText } from "./output/input.ts"
import { onlyAs } from "./output/print.ts"
import { reasonOf, userError } from "./output/userError.ts"

const reportIn = (path: string) =>
  Effect.flatMap(readText(path, `The report ${path}`), (text) =>
    Effect.try({
      try: () => readReport(text),
      catch: (error) => userError(`${path} is not a report of keystate conformance: ${reasonOf(error)}`)
    })
  )

const html = Flag.String("html").pipe(
  Flag.withDescription("File for the page; - for stdout (default: -)"),
  Flag.optional
)

export const compareCommand = Command.make(
  "compare",
  {
    html,
    reports: Argument.String("report").pipe(
      Argument.withDescription("Reports that --json wrote, one for each service; - for standard input"),
      Argument.atLeast(1)
    )
  },
  Effect.fnUntraced(function* (given) {
    yield* onlyAs([], "the comparison is an HTML page.")
    const page = comparisonPage(yield* Effect.forEach(given.reports, reportIn))
    yield* deliver(given.html, `${page}\n`)
  })
).pipe(
  Command.withDescription("Compare the reports of several services on one HTML page"),
  Command.withExamples([
    { command: "keystate conformance compare --html all.html a.json b.json", description: "Compare two services" }
  ])
)

export const issueCommand = Command.make(
  "issue",
  {
    law: Flag.String("law").pipe(Flag.withDescription("Id of the broken law, such as KMS-LC-003")),
    report: Argument.String("report").pipe(Argument.withDescription("A report that --json wrote; - for standard input"))
  },
  Effect.fnUntraced(function* ({ law, report: path }) {
    yield* onlyAs([], "the issue is Markdown.")
    const report = yield* reportIn(path)
    const text = issueText(report, law)
    if (text !== undefined) return yield* Console.log(text)
    const broken = report.counterexamples.map((found) => found.law)
    return yield* userError(
      broken.length === 0
        ? `${path} has no broken law.`
        : `${path} has no counterexample of ${law}, but of ${broken.join(", ")}.`
    )
  })
).pipe(
  Command.withDescription("Write a broken law as an issue for the tracker of the service, in Markdown"),
  Command.withExamples([
    {
      command: "keystate conformance issue --law KMS-LC-003 report.json > issue.md",
      description: "From a report that --json wrote"
    }
  ])
)
