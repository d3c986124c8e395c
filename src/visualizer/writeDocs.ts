/** Writes the generated pages of the documentation: `npm run docs`. */
import { writeFileSync } from "node:fs"
import { generateStatesPage } from "./statesPage.ts"

/** Each page, by its path from the root of the project, and what writes it. */
export const pages: ReadonlyArray<readonly [path: string, generate: () => string]> = [
  ["docs/states.md", generateStatesPage]
]

if (import.meta.main) {
  for (const [path, generate] of pages) writeFileSync(new URL(`../../${path}`, import.meta.url), generate())
}
