/** The report as one self-contained page: the verdict, warnings, broken laws step by step, and coverage. */
import { knownMachines } from "../../../visualizer/drawings.ts"
import { around, leaf, saying } from "../../../visualizer/svg/markup.ts"
import { cropped, regionOf } from "../../../visualizer/model/region.ts"
import { svg } from "../../../visualizer/svg/svg.ts"
import { lawAddress } from "../lawAddress.ts"
import { provenanceOf } from "../provenance.ts"
import type { Counterexample, LawResult, Report, TracedStep } from "../report.ts"
import type { NativeCall } from "../../adapters/adapter.ts"
import { exchangesOf } from "../exchanges.ts"
import { coverageMarkup } from "./coverage.ts"
import { documentOf } from "./document.ts"
import { script } from "./script.ts"
import { style } from "./style.ts"

const verdicts = {
  pass: { word: "PASS", says: "Every tested law held.", look: "good" },
  violation: { word: "FAIL", says: "At least one law was broken.", look: "bad" },
  error: { word: "ERROR", says: "The adapter failed; this is no verdict on the service.", look: "bad" },
  inconclusive: { word: "INCONCLUSIVE", says: "Too few cases were tested for a verdict.", look: "half" }
} as const satisfies Record<Report["verdict"], unknown>

const list = (tag: "ul" | "ol", items: ReadonlyArray<string>): string =>
  around(
    tag,
    {},
    items.map((item) => saying("li", {}, item))
  )

const section = (title: string, inside: ReadonlyArray<string>): string =>
  around("section", {}, [saying("h2", {}, title), ...inside])

const folded = (summary: string, value: unknown, open: boolean): string =>
  around("details", { open: open ? "" : undefined }, [
    saying("summary", {}, summary),
    saying("pre", { class: "mono" }, JSON.stringify(value, null, 2))
  ])

/** The key's state in the model, and its state in the service. */
const statesIn = ({ before, after, told }: TracedStep): string => {
  const moved = before === after ? after : `${before === "" ? "none" : before} → ${after}`
  return told === "" || told === after ? moved : `${moved} by the model, ${told} by the service`
}

/** A call without parameters has nothing to show. */
const exchangeMarkup = ({ ok, operation }: TracedStep, { call, request, reply }: NativeCall): ReadonlyArray<string> => {
  const isOwn = call === operation
  if (isOwn && JSON.stringify(request) === "{}") return []
  const named = isOwn ? "" : ` of ${call}`
  return [folded(`Request${named}`, request, !ok), folded(`Answer${named}`, reply, !ok)]
}

const stepMarkup = (step: TracedStep): string => {
  const states = statesIn(step)
  return around("li", { class: step.ok ? undefined : "broken", "data-state": step.after || step.before }, [
    around("div", {}, [
      saying("span", { class: "quiet" }, `${step.number}. `),
      saying("code", {}, step.text),
      saying("span", { class: "quiet" }, states === "" ? "" : `  ${states}`)
    ]),
    around("div", {}, [
      saying("span", {}, `Answer: ${step.got === "" ? "none" : step.got}`),
      ...(step.ok ? [] : [saying("span", {}, `  Expected: ${step.expected}`)]),
      ...step.faults.map((fault) => saying("strong", { class: "bad" }, `  ✗ ${fault}`))
    ]),
    ...exchangesOf(step).flatMap((exchange) => exchangeMarkup(step, exchange))
  ])
}

const button = (go: string, sign: string, name: string): string =>
  around("button", { type: "button", "data-go": go }, [
    saying("span", { "aria-hidden": "true" }, sign),
    saying("span", { class: "away" }, name)
  ])

const counterexampleMarkup = (found: Counterexample): string =>
  around("article", { id: found.law }, [
    around("h3", {}, [
      saying("span", { class: "bad word" }, "✗ "),
      saying("span", {}, `${found.law} (${found.severity})  ${found.sentence}`)
    ]),
    saying("p", {}, found.finding),
    around("p", { class: "quiet" }, [
      saying("span", {}, `Source: ${found.source}. ${provenanceOf(found)} `),
      saying("a", { href: lawAddress(found.law) }, `More about ${found.law}`)
    ]),
    around("div", { class: "walk", role: "group", "aria-label": `Steps that break ${found.law}` }, [
      around("div", {}, [
        around("div", { class: "buttons", hidden: "" }, [
          button("first", "«", "First step"),
          button("back", "‹", "Step back"),
          button("next", "›", "Next step"),
          button("last", "»", "Last step"),
          saying("span", { class: "where quiet", "aria-live": "polite" }, "")
        ]),
        around(
          "ol",
          { class: "steps" },
          found.steps.map((step) => stepMarkup(step))
        )
      ]),
      around("div", { class: "stage" }, [])
    ])
  ])

/** A drawing for each state of the key, once for the light and once for the dark theme. */
const drawingsFor = (report: Report): string => {
  const { drawing: whole, geometry: place } = knownMachines.cmk
  // Violations are shown on the lifecycle region; rotation is the other region of the drawing.
  const drawing = regionOf(whole, "lifecycle") ?? whole
  const geometry = cropped(place, drawing, 8)
  const reached = report.counterexamples.flatMap(({ steps }) => steps.map(({ before, after }) => after || before))
  return [...new Set(reached)]
    .flatMap((state) =>
      (["light", "dark"] as const).map((theme) => {
        const active = state === "" ? [] : [`state.lifecycle.${state}`]
        const picture = svg(drawing, geometry, { theme, active, bare: true, prefix: `${theme}-${state}-` })
        return around("template", { "data-theme": theme, "data-state": state }, [picture])
      })
    )
    .join("")
}

const looks: Readonly<Record<LawResult["status"], string>> = {
  passed: "good",
  broken: "bad",
  known: "half",
  fixed: "half",
  skipped: "quiet",
  inconclusive: "quiet"
}
const marks: Readonly<Record<LawResult["status"], string>> = {
  passed: "● held",
  broken: "✗ broken",
  known: "✗ known",
  fixed: "● fixed",
  skipped: "· skipped",
  inconclusive: "? open"
}

const lawMarkup = (law: LawResult): string =>
  around("tr", { "data-status": law.status }, [
    saying("td", { class: "mono" }, law.id),
    saying("td", { class: looks[law.status] }, marks[law.status]),
    saying("td", {}, law.severity),
    around("td", {}, [
      saying("span", {}, law.sentence),
      saying("div", { class: "quiet" }, law.reason === undefined ? law.source : `${law.source}. ${law.reason}`)
    ]),
    saying("td", {}, `${law.exercised} times`)
  ])

const lawsMarkup = (laws: ReadonlyArray<LawResult>): string => {
  const found = [...new Set(laws.map(({ status }) => status))]
  const choices = [
    saying("option", { value: "" }, "any outcome"),
    ...found.map((status) => saying("option", { value: status }, marks[status]))
  ]
  return [
    around("div", { class: "filters buttons", hidden: "" }, [
      around("label", {}, [saying("span", {}, "Filter "), leaf("input", { type: "search" })]),
      around("label", {}, [saying("span", {}, "Outcome "), around("select", {}, choices)]),
      saying("span", { "aria-live": "polite", class: "quiet" }, "")
    ]),
    around("table", { class: "laws" }, [
      around("thead", {}, [
        around(
          "tr",
          {},
          ["Law", "Outcome", "Severity", "Sentence", "Tested"].map((name) => saying("th", { scope: "col" }, name))
        )
      ]),
      around("tbody", {}, laws.map(lawMarkup))
    ])
  ].join("")
}

const headMarkup = (report: Report): string => {
  const { word, says, look } = verdicts[report.verdict]
  const { adapter, options } = report
  const facts = `${adapter.name}, dialect ${adapter.dialect}: ${report.calls} calls in ${report.runs} sequences, ${(report.elapsedMillis / 1000).toFixed(1)} s, seed ${options.seed}, exit code ${report.exitCode}`
  return around("header", { class: `verdict ${look}` }, [
    around("h1", {}, [saying("span", { class: "word" }, `${word}`)]),
    saying("p", {}, report.error ?? says),
    saying("p", { class: "mono" }, facts)
  ])
}

/** The whole page. All values of the service are escaped as text. */
export const htmlPage = (report: Report): string => {
  const broken = report.counterexamples
  const warnings = [
    ...report.warnings,
    ...(report.cutShort && report.error === undefined ? ["The time limit ended the run early."] : [])
  ]
  const body = [
    headMarkup(report),
    around("main", {}, [
      warnings.length === 0
        ? ""
        : around("section", { class: "warnings" }, [saying("h2", {}, "Warnings"), list("ul", warnings)]),
      broken.length === 0 ? "" : section(`Broken laws: ${broken.length}`, broken.map(counterexampleMarkup)),
      section("Coverage", [coverageMarkup(report.coverage)]),
      section("Laws", [lawsMarkup(report.laws)]),
      report.skipped.length === 0
        ? ""
        : section("Left out", [
            list(
              "ul",
              report.skipped.map(({ what, why }) => `${what}: ${why}`)
            )
          ])
    ]),
    drawingsFor(report)
  ]
  return documentOf({ title: `${verdicts[report.verdict].word}: ${report.adapter.name}`, style, script, body })
}
