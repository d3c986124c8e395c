/** Drawings in a browser equal those of the command, although bundlers rename every function. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath, pathToFileURL } from "node:url"
import { build } from "vite"
import { afterAll, beforeAll, expect, it } from "vitest"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"
import { svg } from "../../src/visualizer/svg/svg.ts"

const source = (path: string): string => fileURLToPath(new URL(`../../src/visualizer/${path}`, import.meta.url))

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "keystate-bundle-"))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

it("a minified bundle draws every machine with the same bytes", async () => {
  const entry = join(folder, "entry.ts")
  writeFileSync(
    entry,
    `import { knownMachines } from ${JSON.stringify(source("drawings.ts"))}
     import { toMermaid } from ${JSON.stringify(source("writers/mermaid.ts"))}
     import { svg } from ${JSON.stringify(source("svg/svg.ts"))}
     export const drawn = Object.entries(knownMachines).map(([name, { drawing, geometry }]) =>
       [name, svg(drawing, geometry), toMermaid(drawing)])`
  )
  await build({
    configFile: false,
    logLevel: "silent",
    root: folder,
    build: {
      outDir: join(folder, "out"),
      minify: true,
      rolldownOptions: {
        input: entry,
        preserveEntrySignatures: "strict",
        output: { entryFileNames: "bundle.mjs" }
      }
    }
  })
  const bundle: { readonly drawn: unknown } = await import(pathToFileURL(join(folder, "out", "bundle.mjs")).href)
  expect(bundle.drawn).toEqual(
    Object.entries(knownMachines).map(([name, { drawing, geometry }]) => [
      name,
      svg(drawing, geometry),
      toMermaid(drawing)
    ])
  )
})
