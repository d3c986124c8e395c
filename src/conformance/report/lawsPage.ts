/** The page of the laws, generated from their table. */
import { laws } from "../lawbook/laws.ts"

const cell = (text: string): string => text.replaceAll("|", "\\|")

export const generateLawsPage = (): string => {
  const groups = [...new Set(laws.map(({ group }) => group))]
  return [
    "# Laws of a key management service",
    "",
    "Generated from the table of laws by `npm run docs`; do not edit.",
    "",
    "What `keystate conformance` holds a service to: [how to run it](how-to/conformance.md). An id never changes its",
    "meaning. A broken MUST is a violation; a broken SHOULD is told and does not fail the run. A law counts as held only",
    "when an answer could have broken it; what a service does not have is skipped.",
    ...groups.flatMap((group) => [
      "",
      `## ${group.charAt(0).toUpperCase()}${group.slice(1)}`,
      "",
      "| id | law | | source | profile | needs |",
      "|---|---|---|---|---|---|",
      ...laws
        .filter((law) => law.group === group)
        .map(({ id, sentence, severity, source, needs }) => {
          const needed = [...needs.operations, ...(needs.clock === true ? ["a clock that moves"] : [])].join(", ")
          return `| \`${id}\` | ${cell(sentence)} | ${severity} | ${cell(source)} | ${needs.profile} | ${needed} |`
        })
    ]),
    ""
  ].join("\n")
}
