/** docs/states-of-dialects.md: the lifecycle and the gate of other services, derived from the CMK machine and a dialect. */
import type { Dialect } from "../../conformance/dialects/dialect.ts"
import { otherDialects } from "../../conformance/dialects/dialects.ts"
import { dialectDrawing, dialectOutcomes } from "../../conformance/dialects/states.ts"
import { outcomesMarkdown } from "../../visualizer/keys/outcomes.ts"
import { toMermaid } from "../../visualizer/writers/mermaid.ts"

const intro = `# States of keys in other dialects

Generated from \`machines/\` and the dialects by \`npm run docs\`; do not edit.

The conformance suite has one machine, [that of Keystate](states.md). A dialect changes it by data: names, codes, the state
after a cancelled deletion, and single answers. This page shows the result for each other service. Operations that the service
does not have are left out. \`either\` means that the documentation of the service leaves the answer open. \`keystate diagram
aws\` draws a machine in any format, and \`keystate diagram table aws\` writes its tables.
`

const section = (dialect: Dialect): ReadonlyArray<string> => [
  `## ${dialect.name}`,
  "",
  dialect.about,
  "",
  "```mermaid",
  toMermaid(dialectDrawing(dialect)).trimEnd(),
  "```",
  "",
  outcomesMarkdown(dialectOutcomes(dialect))
]

export const generateDialectStatesPage = (): string =>
  [intro, ...Object.values(otherDialects).flatMap(section)].join("\n")
