/** Writes what is generated of the documentation: `npm run docs`. */
import { readFileSync, writeFileSync } from "node:fs"
import { Effect } from "effect"
import type { AnyStateMachine } from "xstate"
import { cmkMachine } from "../../machines/cmk.ts"
import { importSessionMachine } from "../../machines/importSession.ts"
import { bakedAdvances } from "./bakeFont.ts"
import { chartOf } from "./chart.ts"
import { drawingOf } from "./drawing.ts"
import { layout } from "./layout.ts"
import { pixels } from "./metrics.ts"
import type { Metrics } from "./metrics.ts"
import { cells } from "./writers/ascii.ts"
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

const inOneLine = (value: unknown): string => `${JSON.stringify(value)}\n`

const laidOut = (machine: AnyStateMachine, timers: ReadonlyArray<string>, metrics: Metrics) => (): Promise<string> =>
  Effect.runPromise(Effect.map(layout(drawingOf(chartOf(machine), timers), metrics), inOneLine))

/** Geometry is laid out here and nowhere else for our own machines; so are the widths of the font's letters. */
const machines = [
  ["cmk", cmkMachine, ["DeletionDue", "MaterialExpired", "RotationDue"]],
  ["importSession", importSessionMachine, ["TokenExpired"]]
] as const

const geometry = machines.flatMap(([name, machine, timers]) => [
  [`src/visualizer/geometry/${name}.json`, laidOut(machine, timers, pixels)] as const,
  [`src/visualizer/geometry/${name}.cells.json`, laidOut(machine, timers, cells)] as const
])

/** Each generated file, by its path from the root of the project, and what writes it. */
export const pages: ReadonlyArray<readonly [path: string, generate: () => string | Promise<string>]> = [
  ["src/visualizer/geometry/advances.json", () => inOneLine(bakedAdvances())],
  ...geometry,
  ["README.md", readme],
  ["docs/states.md", generateStatesPage],
  ["docs/operations.md", generateOperationsPage]
]

if (import.meta.main) {
  for (const [path, generate] of pages) writeFileSync(new URL(path, root), await generate())
}
