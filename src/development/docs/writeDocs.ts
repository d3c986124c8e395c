/** Writes the generated parts of the documentation: `npm run docs`. */
import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { Effect } from "effect"
import { bakedAdvances } from "../../visualizer/layout/bakeFont.ts"
import type { Drawing } from "../../visualizer/model/drawing.ts"
import { layout } from "../../visualizer/layout/layout.ts"
import { drawings } from "../../visualizer/legends.ts"
import { pixels } from "../../visualizer/layout/metrics.ts"
import type { Metrics } from "../../visualizer/layout/metrics.ts"
import { cells } from "../../visualizer/writers/ascii.ts"
import { methodFiles, methodsFolder } from "../methods/methodFiles.ts"
import { generateCommandLinePage } from "./commandLinePage.ts"
import { generateCommandOutputPage, generateCommandOutputSchema } from "./commandOutputPage.ts"
import { generateCommandTable } from "./commandTable.ts"
import { generateDecisionsPage } from "./decisionsPage.ts"
import { generateDialectStatesPage } from "./dialectStatesPage.ts"
import { generateErrorsPage } from "./errorsPage.ts"
import { generateLawsPage, lawPages, lawsFolder } from "./laws/lawsPage.ts"
import { libraryPages } from "./library/pages.ts"
import { generateMetricsPage } from "./metricsPage.ts"
import { generateOperationsPage, generateRamPage } from "./operationsPage.ts"
import { generateArchitecturePage } from "./roomsSection.ts"
import { generateStatesPage } from "./statesPage.ts"

const root = new URL("../../../", import.meta.url)
const rootPath = fileURLToPath(root)

const inOneLine = (value: unknown): string => `${JSON.stringify(value)}\n`

const laidOut = (drawing: Drawing, metrics: Metrics) => (): Promise<string> =>
  Effect.runPromise(Effect.map(layout(drawing, metrics), inOneLine))

/** The layouts of our own machines are computed here and stored; so are the widths of the font's letters. */
const geometry = Object.entries(drawings).flatMap(([name, drawing]) => [
  [`src/visualizer/geometry/${name}.json`, laidOut(drawing, pixels)] as const,
  [`src/visualizer/geometry/${name}.cells.json`, laidOut(drawing, cells)] as const
])

/** Each generated file by its path from the project's root, and its generator. */
export const pages: ReadonlyArray<readonly [path: string, generate: () => string | Promise<string>]> = [
  ["src/visualizer/geometry/advances.json", () => inOneLine(bakedAdvances())],
  ...geometry,
  ["docs/architecture.md", generateArchitecturePage],
  ["docs/decisions/README.md", generateDecisionsPage],
  ["docs/states.md", generateStatesPage],
  ["docs/command-line.md", generateCommandLinePage],
  ["docs/command-output.md", generateCommandOutputPage],
  ["docs/command-output.schema.json", generateCommandOutputSchema],
  ["docs/operations.md", generateOperationsPage],
  ["docs/ram-operations.md", generateRamPage],
  ["docs/errors.md", generateErrorsPage],
  ["docs/metrics.md", generateMetricsPage],
  ["docs/conformance-laws.md", generateLawsPage],
  ["docs/states-of-dialects.md", generateDialectStatesPage],
  ...lawPages(),
  ["src/cli/calls/operations.json", generateCommandTable],
  ...methodFiles(),
  // Generated from the declarations of the files above.
  ...libraryPages
]

/** Folders that contain only generated files. */
const generatedFolders = [methodsFolder, "docs/api", lawsFolder]

/** Files in those folders that no generator writes, such as those of a renamed group. */
export const staleFiles = (): ReadonlyArray<string> => {
  const written = new Set(pages.map(([path]) => path))
  return generatedFolders
    .flatMap((folder) =>
      readdirSync(new URL(folder, root), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map(({ name, parentPath }) => relative(rootPath, join(parentPath, name)).replaceAll("\\", "/"))
    )
    .filter((path) => !written.has(path))
}

if (import.meta.main) {
  for (const [path, generate] of pages) {
    const file = new URL(path, root)
    mkdirSync(dirname(fileURLToPath(file)), { recursive: true })
    writeFileSync(file, await generate())
  }
  for (const path of staleFiles()) rmSync(new URL(path, root))
}
