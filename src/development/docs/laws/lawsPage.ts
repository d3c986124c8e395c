/** The pages of the laws, generated from their table: an index, and one page for each law. */
import { dialects, vendor } from "../../../conformance/dialects/dialects.ts"
import type { Dialect } from "../../../conformance/dialects/dialect.ts"
import { laws } from "../../../conformance/lawbook/laws.ts"
import type { Law, LawGroup } from "../../../conformance/lawbook/laws.ts"
import { kindOf } from "../../../conformance/model/kinds.ts"
import { reasons } from "./reasons.ts"
import { brokenBy } from "./services.ts"
import { readSeeded } from "./seeded.ts"
import type { Seeded } from "./seeded.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

const title = (group: string): string => `${group.charAt(0).toUpperCase()}${group.slice(1)}`

export const lawsFolder = "docs/laws"

export const generateLawsPage = (): string => {
  const groups = [...new Set(laws.map(({ group }) => group))]
  return [
    "# Laws of a key management service",
    "",
    "Generated from the table of laws by `npm run docs`; do not edit.",
    "",
    "`keystate conformance` tests a service by these laws: [how to run it](how-to/conformance.md). Each id links to the",
    "page of its law, with the reason, the faults that it finds and a counterexample. An id never changes its meaning.",
    "A broken MUST is a violation. A broken SHOULD is reported and does not fail the run. A law counts as held only if an",
    "answer could have broken it. The suite skips what a service does not have.",
    ...groups.flatMap((group) => [
      "",
      `## ${title(group)}`,
      "",
      "| id | law | | source |",
      "|---|---|---|---|",
      ...laws
        .filter((law) => law.group === group)
        .map(
          ({ id, sentence, severity, source }) =>
            `| [\`${id}\`](laws/${id}.md) | ${cell(sentence)} | ${severity} | ${cell(source)} |`
        )
    ]),
    ""
  ].join("\n")
}

const levels = {
  MUST: "MUST: a service that breaks it fails the run",
  SHOULD: "SHOULD: reported, and does not fail the run"
} as const

const groupIn = ({ id }: Law): LawGroup => id.split("-")[1] as LawGroup

/** Other documents in which a dialect finds the law, and its sentence there. */
const elsewhere = (law: Law, { about, words }: Dialect): ReadonlyArray<string> => {
  const source = words?.sources[groupIn(law)]
  if (source === undefined) return []
  const service = (/^[^:,]*/.exec(about)?.[0] ?? "").replace(/^The /, "the ")
  const sentence = words?.sentences[law.id]
  return [`| source for ${service} | ${cell(source)}${sentence === undefined ? "" : `: ${cell(sentence)}`} |`]
}

/** The operations that a service must have for the law, and more that its profile needs. */
const neededBy = ({ needs: { operations, clock, profile } }: Law): ReadonlyArray<string> => [
  `| operations | ${operations.map((operation) => `\`${operation}\``).join(", ")} |`,
  `| profile | \`${profile}\` |`,
  ...(clock === true ? ["| clock | a virtual clock that the suite can move |"] : [])
]

const described = (kind: string): string => {
  const { identity } = kindOf(kind)
  const origin = identity.origin === "EXTERNAL" ? ", imported material" : ""
  const level = identity.protection === "HSM" ? ", in an HSM" : ""
  const usage = identity.kind === "asymmetric" ? `, ${identity.usage}` : ""
  return kind === "service" ? "service key" : `\`${identity.spec}\`${usage}${origin}${level}`
}

const kindsOf = (law: Law, { kinds }: Seeded): ReadonlyArray<string> => {
  const found = kinds[law.id] ?? []
  return found.length === 0 ? [] : [`| kinds of key | ${found.map(described).join("; ")} |`]
}

const faultsOf = (law: Law, { faults }: Seeded): ReadonlyArray<string> => {
  const found = faults[law.id] ?? []
  if (found.length === 0) return []
  return [
    "",
    "## Faults that it finds",
    "",
    "`npm run conformance:power` seeds these faults into Keystate, one at a time. The suite must report this law for each.",
    "",
    ...found.map((does) => `- ${does}`)
  ]
}

const exampleOf = (law: Law, { examples }: Seeded): ReadonlyArray<string> => {
  const example = examples[law.id]
  if (example === undefined) return []
  return [
    "",
    "## A counterexample",
    "",
    `The engine had this fault: ${example.does}`,
    "",
    "```",
    ...example.text.filter((line) => !line.startsWith("  about:")),
    "```"
  ]
}

const servicesOf = (law: Law): ReadonlyArray<string> => {
  const found = brokenBy[law.id] ?? []
  if (found.length === 0) return []
  return ["", "## Services that broke it", "", ...found.map(({ service, finding }) => `- ${service}: ${finding}`)]
}

/** The page of one law. */
const lawPage = (law: Law, seeded: Seeded): string =>
  [
    `# ${law.id}`,
    "",
    `**${law.sentence}**`,
    "",
    reasons[law.id],
    "",
    "| | |",
    "|---|---|",
    `| level | ${levels[law.severity]} |`,
    `| group | ${title(law.group)} |`,
    `| source | ${cell(law.source)} |`,
    ...Object.values(dialects).flatMap((dialect) => (dialect === vendor ? [] : elsewhere(law, dialect))),
    ...neededBy(law),
    ...kindsOf(law, seeded),
    ...servicesOf(law),
    ...faultsOf(law, seeded),
    ...exampleOf(law, seeded),
    "",
    "[All laws](../conformance-laws.md) · [Run the suite](../how-to/conformance.md)",
    ""
  ].join("\n")

/** Each page of a law, by its path. */
export const lawPages = (): ReadonlyArray<readonly [path: string, generate: () => string]> => {
  let seeded: Seeded | undefined
  return laws.map((law) => [`${lawsFolder}/${law.id}.md`, () => lawPage(law, (seeded ??= readSeeded()))])
}
