/** Writes what is generated of the documentation: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs"
import { cmkMachine } from "../../machines/cmk.ts"
import { generateLawsPage } from "../conformance/write/lawsPage.ts"
import { toMermaid } from "./mermaid.ts"
import { generateOperationsPage } from "./operationsPage.ts"
import { generateStatesPage } from "./statesPage.ts"

const root = new URL("../../", import.meta.url)

const drawing = /```mermaid\n[\s\S]*?```/

/** The README as it stands, with the drawing of the machine as it is. */
const readme = (): string =>
  readFileSync(new URL("README.md", root), "utf8").replace(
    drawing,
    () => `\`\`\`mermaid\n${toMermaid(cmkMachine).trimEnd()}\n\`\`\``
  )

/** Each page, by its path from the root of the project, and what writes it. */
export const pages: ReadonlyArray<readonly [path: string, generate: () => string]> = [
  ["README.md", readme],
  ["docs/states.md", generateStatesPage],
  ["docs/operations.md", generateOperationsPage],
  ["docs/conformance-laws.md", generateLawsPage]
]

if (import.meta.main) {
  for (const [path, generate] of pages) writeFileSync(new URL(path, root), generate())
}
