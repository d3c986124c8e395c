/** Mermaid blocks of the pages as pictures of the site: drawn at build time, in the colours of the page. */
import { Graphviz } from "@hpcc-js/wasm-graphviz"
import type { MarkdownOptions } from "vitepress"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { svg } from "../../src/visualizer/svg/svg.ts"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"

type MarkdownIt = Parameters<NonNullable<MarkdownOptions["config"]>>[0]

const graphviz = await Graphviz.load()

/** Our machines have a layout; their blocks are recognised by their text. */
const machines: ReadonlyMap<string, string> = new Map(
  Object.values(knownMachines).map(({ drawing, geometry, title }) => [
    toMermaid(drawing).trim(),
    (["light", "dark"] as const)
      .map((theme) => `<div class="diagram-${theme}">${svg(drawing, geometry, { theme, title })}</div>`)
      .join("")
  ])
)

const node = /^(\w+)\["([^"]+)"\]$/
const edge = /^(\w+) --> (\w+)$/

const dotLine = (line: string): string => {
  const [, id, label] = node.exec(line) ?? []
  if (id !== undefined) return `${id} [label="${label}"]`
  const [, from, to] = edge.exec(line) ?? []
  if (from !== undefined) return `${from} -> ${to}`
  throw new Error(`The site cannot draw this line of a flowchart: ${line}`)
}

/** A flowchart of named boxes and arrows. Any other line fails the build. */
const flowchart = (text: string): string => {
  const [head = "", ...lines] = text.trim().split("\n").map((line) => line.trim())
  if (head !== "flowchart TD") throw new Error(`The site cannot draw a diagram that begins with ${head}`)
  const style = 'bgcolor=transparent; node [shape=box, style=rounded, fontname="sans-serif", fontsize=12]'
  const drawn = graphviz.dot(`digraph { ${style}; ${lines.map(dotLine).join("; ")} }`)
  return drawn.slice(drawn.indexOf("<svg")).replaceAll('"black"', '"currentColor"').replaceAll("<text ", '<text fill="currentColor" ')
}

/** VitePress reads a page as a template: braces stay as they are, and a comment would end it. */
const figure = (drawing: string): string =>
  `<div class="diagram" v-pre tabindex="0" role="group" aria-label="Diagram">${drawing.replaceAll(/<!--[\s\S]*?-->/g, "").replaceAll(/\n\s*/g, "\n")}</div>\n`

/** Draws the blocks in Mermaid of a page. */
export const drawDiagrams = (markdown: MarkdownIt): void => {
  const fence = markdown.renderer.rules.fence
  markdown.renderer.rules.fence = (tokens, index, options, env, self) => {
    const { content = "", info = "" } = tokens[index] ?? {}
    if (info.trim() !== "mermaid") return fence?.(tokens, index, options, env, self) ?? ""
    return figure(machines.get(content.trim()) ?? flowchart(content))
  }
}
