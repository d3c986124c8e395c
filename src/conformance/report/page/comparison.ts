/** A self-contained page that compares the reports of several services: laws by services, and their counterexamples. */
import { around, saying } from "../../../visualizer/svg/markup.ts"
import type { ReadCounterexample, ReadLaw, ReadReport } from "../readReport.ts"
import { counterexampleText } from "../terminal.ts"
import { documentOf } from "./document.ts"
import { style as shared } from "./style.ts"

const style = `${shared}
.compared { table-layout: fixed; }
.compared td:first-child { white-space: normal; }
.compared th:first-child, .compared td:first-child { width: 40%; }
.compared td.wrong { background: var(--bad-box); }
@media (max-width: 40rem) { .compared thead { display: none; } .compared tr, .compared td, .compared th { display: block; width: auto; }
  .compared th:first-child, .compared td:first-child { width: auto; }
  .compared tr { border-bottom: 1px solid var(--line); padding: .4rem 0; } .compared td { border: 0; padding: .1rem .25rem; }
  .compared td[data-service]::before { content: attr(data-service) ": "; color: var(--quiet); } }
`

interface Service {
  readonly name: string
  readonly report: ReadReport
  readonly place: number
}

/** A number distinguishes services of the same name. */
const servicesOf = (reports: ReadonlyArray<ReadReport>): ReadonlyArray<Service> =>
  reports.map((report, index) => {
    const { name } = report.adapter
    const isOnly = reports.filter(({ adapter }) => adapter.name === name).length === 1
    return { name: isOnly ? name : `${name} (${index + 1})`, report, place: index + 1 }
  })

const marks = {
  passed: { text: "● held", look: "good" },
  broken: { text: "✗ broken", look: "bad" },
  known: { text: "✗ known", look: "half" },
  fixed: { text: "● fixed", look: "good" },
  skipped: { text: "· skipped", look: "quiet" },
  inconclusive: { text: "? open", look: "quiet" }
} as const satisfies Record<ReadLaw["status"], unknown>

const verdictWords = { pass: "PASS", violation: "FAIL", error: "ERROR", inconclusive: "INCONCLUSIVE" } as const

const anchorOf = ({ place }: Service, law: string): string => `s${place}-${law}`

const foundIn = ({ report }: Service, law: string): ReadCounterexample | undefined =>
  report.counterexamples.find((found) => found.law === law)

const cell = (service: Service, law: string): string => {
  const result = service.report.laws.find(({ id }) => id === law)
  const data = { "data-service": service.name }
  if (result === undefined) return saying("td", { ...data, class: "quiet" }, "· not in the report")
  const { text, look } = marks[result.status]
  const isWrong = result.status === "broken" || result.status === "known"
  const told =
    foundIn(service, law) === undefined ? saying("span", { class: look }, text) : linked(anchorOf(service, law), text)
  const why = result.reason === undefined ? "" : saying("div", { class: "quiet" }, result.reason)
  return around("td", { ...data, class: isWrong ? "wrong" : undefined }, [told, why])
}

const linked = (anchor: string, text: string): string => saying("a", { href: `#${anchor}` }, text)

const row = (law: ReadLaw, services: ReadonlyArray<Service>): string =>
  around("tr", {}, [
    around("td", {}, [
      saying("span", { class: "mono" }, law.id),
      saying("strong", {}, ` ${law.severity}`),
      saying("div", {}, law.sentence),
      saying("div", { class: "quiet" }, law.source)
    ]),
    ...services.map((service) => cell(service, law.id))
  ])

const table = (laws: ReadonlyArray<ReadLaw>, services: ReadonlyArray<Service>): string =>
  around("table", { class: "compared" }, [
    around("thead", {}, [
      around(
        "tr",
        {},
        ["Law", ...services.map(({ name }) => name)].map((name) => saying("th", { scope: "col" }, name))
      )
    ]),
    around(
      "tbody",
      {},
      laws.map((law) => row(law, services))
    )
  ])

/** Every law of any report, with the sentence of the first report that has it. */
const lawsOf = (services: ReadonlyArray<Service>): ReadonlyArray<ReadLaw> => {
  const known = new Map<string, ReadLaw>()
  for (const { report } of services) for (const law of report.laws) if (!known.has(law.id)) known.set(law.id, law)
  return [...known.values()]
}

const statusesOf = (law: ReadLaw, services: ReadonlyArray<Service>): ReadonlySet<string> =>
  new Set(services.map(({ report }) => report.laws.find(({ id }) => id === law.id)?.status ?? "none"))

const sections = (services: ReadonlyArray<Service>): string => {
  const laws = lawsOf(services)
  return [...new Set(laws.map(({ group }) => group))]
    .map((group) => {
      const own = laws.filter((law) => law.group === group)
      const isTold = (law: ReadLaw): boolean => {
        const statuses = statusesOf(law, services)
        return statuses.size > 1 || statuses.has("broken") || statuses.has("known")
      }
      const [told, alike] = [own.filter(isTold), own.filter((law) => !isTold(law))]
      return around("section", {}, [
        saying("h2", {}, group.charAt(0).toUpperCase() + group.slice(1)),
        told.length === 0 ? "" : table(told, services),
        alike.length === 0
          ? ""
          : around("details", {}, [
              saying("summary", {}, `Laws with one outcome for every service: ${alike.length}`),
              table(alike, services)
            ])
      ])
    })
    .join("")
}

const count = ({ laws }: ReadReport, severity: ReadLaw["severity"], statuses: ReadonlyArray<string>): number =>
  laws.filter((law) => law.severity === severity && statuses.includes(law.status)).length

const summaryRow = ({ name, report }: Service): string => {
  const { adapter, calls, verdict, error } = report
  const isBad = verdict === "violation" || verdict === "error"
  const ofBoth = (statuses: ReadonlyArray<string>): string =>
    `${count(report, "MUST", statuses)} MUST, ${count(report, "SHOULD", statuses)} SHOULD`
  const cells: ReadonlyArray<readonly [string, string]> = [
    ["Broken", ofBoth(["broken", "known"])],
    ["Held", ofBoth(["passed", "fixed"])],
    ["Not tested", ofBoth(["skipped", "inconclusive"])],
    ["Dialect", adapter.dialect],
    ["Clock", adapter.clock === "none" ? "cannot be moved" : "virtual"],
    ["Calls", String(calls)]
  ]
  return around("tr", {}, [
    around("td", {}, [
      saying("strong", {}, name),
      saying("div", { class: isBad ? "bad word" : "word" }, verdictWords[verdict]),
      error === undefined ? "" : saying("div", { class: "bad" }, error)
    ]),
    ...cells.map(([label, text]) => saying("td", { "data-service": label }, text))
  ])
}

const summary = (services: ReadonlyArray<Service>): string =>
  around("table", { class: "compared" }, [
    around("thead", {}, [
      around(
        "tr",
        {},
        ["Service", "Broken", "Held", "Not tested", "Dialect", "Clock", "Calls"].map((name) =>
          saying("th", { scope: "col" }, name)
        )
      )
    ]),
    around("tbody", {}, services.map(summaryRow))
  ])

const counterexampleMarkup = (service: Service, found: ReadCounterexample): string =>
  around("article", { id: anchorOf(service, found.law) }, [
    saying("h3", {}, `${service.name}: ${found.law} (${found.severity})`),
    saying("p", {}, found.sentence),
    saying("pre", { class: "mono" }, counterexampleText(found))
  ])

const counterexamples = (services: ReadonlyArray<Service>): string => {
  const articles = services.flatMap((service) =>
    service.report.counterexamples.map((found) => counterexampleMarkup(service, found))
  )
  return articles.length === 0
    ? ""
    : around("section", {}, [saying("h2", {}, `Counterexamples: ${articles.length}`), ...articles])
}

/** The whole page. All values of the reports are escaped as text. */
export const comparisonPage = (reports: ReadonlyArray<ReadReport>): string => {
  const services = servicesOf(reports)
  return documentOf({
    title: `Conformance of ${services.map(({ name }) => name).join(", ")}`,
    style,
    body: [
      around("header", {}, [
        saying("h1", {}, "Key management services compared"),
        saying(
          "p",
          { class: "quiet" },
          "Each cell is one law on one service. A broken MUST is a violation; a broken SHOULD is reported. A law that was not tested says nothing about the service."
        )
      ]),
      around("main", {}, [summary(services), sections(services), counterexamples(services)])
    ]
  })
}
