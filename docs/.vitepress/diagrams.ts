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

const look = 'bgcolor=transparent; nodesep=0.5; node [shape=box, style=rounded, fontname="Helvetica,Arial,sans-serif", fontsize=12]; edge [fontname="Helvetica,Arial,sans-serif", fontsize=11]'

const drawn = (lines: ReadonlyArray<string>): string => {
  const picture = graphviz.dot(`digraph { ${[look, ...lines].join("; ")} }`)
  return picture.slice(picture.indexOf("<svg")).replaceAll('"black"', '"currentColor"').replaceAll("<text ", '<text fill="currentColor" ')
}

const named = /^state "([^"\\]+)" as (\w+)$/
const transition = /^(\[\*\]|\w+) --> (\[\*\]|\w+)(?: : ([^"\\]+))?$/
const start = "start"
const end = "end"

/** States and labelled arrows. Arrows between the same states become one, with a line for each label. */
const stateDiagram = (lines: ReadonlyArray<string>): string => {
  const labels = new Map<string, ReadonlyArray<string>>()
  const states: Array<string> = []
  for (const line of lines) {
    const [, name = "", id = ""] = named.exec(line) ?? []
    if (id !== "") {
      states.push(`${id} [label="${name}"]`)
      continue
    }
    const [, from = "", to = "", label = ""] = transition.exec(line) ?? []
    if (to === "") throw new Error(`The site cannot draw this line of a state diagram: ${line}`)
    const arrow = `${from === "[*]" ? start : from} -> ${to === "[*]" ? end : to}`
    labels.set(arrow, [...(labels.get(arrow) ?? []), ...label.split("<br/>")])
  }
  return drawn([
    `${start} [shape=point, width=0.15, label=""]`,
    ...([...labels.keys()].some((arrow) => arrow.endsWith(`-> ${end}`))
      ? [`${end} [shape=doublecircle, style=filled, fillcolor=black, width=0.1, label=""]`]
      : []),
    ...states,
    ...[...labels].map(([arrow, texts]) => `${arrow} [label="${texts.join("\\n")}"]`)
  ])
}

const flowchart = (lines: ReadonlyArray<string>): string => drawn(lines.map(dotLine))

/** A flowchart of named boxes and arrows, or a state diagram without inner states. Any other line fails the build. */
const diagram = (text: string): string => {
  const [head = "", ...lines] = text.trim().split("\n").map((line) => line.trim())
  if (head === "flowchart TD") return flowchart(lines)
  if (head === "stateDiagram-v2") return stateDiagram(lines)
  throw new Error(`The site cannot draw a diagram that begins with ${head}`)
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
    return figure(machines.get(content.trim()) ?? diagram(content))
  }
}
