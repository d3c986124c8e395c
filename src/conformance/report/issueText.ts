/** A broken law as an issue for the service's tracker, for a reader who does not know the suite. */
import { exchangesOf } from "./exchanges.ts"
import { lawAddress } from "./lawAddress.ts"
import { provenanceOf } from "./provenance.ts"
import type { ReadCounterexample, ReadReport } from "./readReport.ts"

/** A fenced block whose fence is longer than any in its text. */
const block = (text: string, language = ""): ReadonlyArray<string> => {
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length))
  const fence = "`".repeat(longest + 1)
  return [`${fence}${language}`, text, fence]
}

/** Escapes text in a sentence, so that it cannot act as Markdown or markup. */
const plain = (text: string): string =>
  text
    .replaceAll(/\s+/g, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(/[\\`*_[\]{}()#+!|~@]/g, "\\$&")

const json = (value: unknown): string => JSON.stringify(value, null, 2)

type Step = ReadCounterexample["steps"][number]

/** Names the result of a step for the steps that use it. */
const answerOf = ({ got }: Step): string => {
  if (got.startsWith("→")) return `success. What it made is called ${plain(got.slice(1).trim())} in these steps`
  return got === "" ? "none" : plain(got.replace(/^ok$/, "success"))
}

/** The parameters of each call, and its name where it is not the operation of the suite. */
const requestLines = (step: Step): ReadonlyArray<string> =>
  exchangesOf(step).flatMap(({ call, request }) => {
    const isOwn = call === step.operation
    if (isOwn && JSON.stringify(request) === "{}") return []
    return [...(isOwn ? [] : [`Call \`${call.replaceAll("`", "'")}\`:`, ""]), ...block(json(request), "json"), ""]
  })

const stepLines = (step: Step): ReadonlyArray<string> => {
  const { number, text, after, ok } = step
  const state = after === "" ? "" : ` The key is then ${plain(after)} by the specification.`
  return [
    `### Step ${number}: ${plain(text)}${ok ? "" : " (this step is wrong)"}`,
    "",
    ...requestLines(step),
    `Answer: ${answerOf(step)}.${state}`,
    ""
  ]
}

const wrongLines = (step: Step, { sentence }: ReadCounterexample): ReadonlyArray<string> => {
  const { expected, faults } = step
  return [
    "## Expected",
    "",
    ...block(expected.replace("a reply that keeps the law", `a reply that keeps this rule: ${sentence}`)),
    "",
    "## Seen",
    "",
    ...faults.flatMap((fault) => [...block(fault), ""]),
    ...block(json(exchangesOf(step).at(-1)?.reply), "json"),
    ""
  ]
}

const issueOf = (report: ReadReport, found: ReadCounterexample): string => {
  const { adapter } = report
  const wrong = found.steps.findLast(({ ok }) => !ok) ?? found.steps.at(-1)
  return [
    `# ${plain(found.sentence)}`,
    "",
    `The service \`${adapter.name.replaceAll("`", "'")}\` does not keep this rule. In the report it is ${found.law}, a ${found.severity}.`,
    "",
    "## What is wrong",
    "",
    ...block(found.finding),
    "",
    "## Steps to reproduce",
    "",
    ...found.steps.flatMap(stepLines),
    ...(wrong === undefined ? [] : wrongLines(wrong, found)),
    "## Where the rule is written",
    "",
    plain(found.source),
    "",
    `More about this rule: <${lawAddress(found.law)}>`,
    "",
    "## How this was found",
    "",
    `${plain(provenanceOf(found))} The command is \`keystate conformance\`, dialect ${plain(adapter.dialect)}. Values that could be secret are replaced by their length.`,
    "",
    "The replay file runs these steps again and says FIXED or STILL FAILING:",
    "",
    ...block(`keystate conformance replay ${found.law}.json`, "sh"),
    ""
  ].join("\n")
}

/** Undefined if the report has no counterexample for the law. */
export const issueText = (report: ReadReport, law: string): string | undefined => {
  const found = report.counterexamples.find((one) => one.law === law)
  return found === undefined ? undefined : issueOf(report, found)
}
