/** Mermaid's own parser and renderer, in a browser, on the output of the writer. */
import { createRequire } from "node:module"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { chartOf } from "../../src/visualizer/model/chart.ts"
import { drawingOf, everyState } from "../../src/visualizer/model/drawing.ts"
import { regionOf } from "../../src/visualizer/model/region.ts"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"
import { launchChromium } from "../chromium.ts"
import { partOf } from "../sample.ts"
import { patience } from "../patience.ts"
import { namesOf } from "../../src/visualizer/writers/names.ts"
import { fixtures } from "./fixtures/machines.ts"
import { hostileMachine } from "./hostile.ts"
import { arrowText, saidBy } from "./normalForm.ts"
import type { Said } from "./normalForm.ts"

const mermaidFile = createRequire(import.meta.url).resolve("mermaid/dist/mermaid.min.js")

let browser: Browser
let page: Page
beforeAll(async () => {
  browser = await launchChromium()
  page = await browser.newPage()
  page.setDefaultTimeout(patience)
  await page.setContent("<!doctype html><body></body>")
  await page.addScriptTag({ path: mermaidFile })
})
afterAll(() => browser.close())

interface Mermaid {
  readonly initialize: (options: object) => void
  readonly parse: (text: string) => Promise<unknown>
  readonly mermaidAPI: {
    readonly getDiagramFromText: (
      text: string
    ) => Promise<{ readonly db: { readonly getRootDocV2: () => { readonly doc: unknown } } }>
  }
  readonly render: (id: string, source: string) => Promise<{ readonly svg: string }>
}

/** Mermaid's picture; its error messages are thrown. */
const pictureOf = (text: string): Promise<string> =>
  page.evaluate(async (source) => {
    const { mermaid } = globalThis as unknown as { readonly mermaid: Mermaid }
    mermaid.initialize({ startOnLoad: false, securityLevel: "strict" })
    return (await mermaid.render("drawing", source)).svg
  }, text)

/** The words of a picture. */
const painted = async (text: string): Promise<string> =>
  (await pictureOf(text))
    .replaceAll(/<style[\s\S]*?<\/style>/g, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&amp;", "&")

/** The statements of Mermaid's parser, nested as in the text. */
interface Statement {
  readonly stmt: string
  readonly id?: string
  readonly type?: string
  readonly doc?: ReadonlyArray<Statement>
  readonly description?: string
  readonly state1?: { readonly id: string }
  readonly state2?: { readonly id: string }
}

const parsed = (text: string): Promise<ReadonlyArray<Statement>> =>
  page.evaluate(async (source) => {
    const { mermaid } = globalThis as unknown as { readonly mermaid: Mermaid }
    await mermaid.parse(source)
    const { db } = await mermaid.mermaidAPI.getDiagramFromText(source)
    return JSON.parse(JSON.stringify(db.getRootDocV2().doc)) as ReadonlyArray<Statement>
  }, text)

/** Mermaid has another spelling of entities until the rendering. */
const decoded = (text: string): string =>
  text.replaceAll(
    /\uFB02\u00B0\u00B0(\d+)\u00B6\u00DF|#(\d+);/g,
    (_all, a: string | undefined, b: string | undefined) => String.fromCodePoint(Number(a ?? b))
  )

const isEnd = (id: string): boolean => id.includes("[*]") || id.endsWith("_start") || id.endsWith("_end")

const walk = (statements: ReadonlyArray<Statement>, box: string, said: Map<string, Set<string>>): void => {
  const put = (kind: string, text: string): void => {
    said.set(kind, (said.get(kind) ?? new Set()).add(text))
  }
  for (const { stmt, id = "", type, doc, description = "", state1, state2 } of statements) {
    if (stmt === "relation") {
      const [from = "", to = ""] = [state1?.id, state2?.id]
      for (const part of description.split("<br/>")) {
        if (!isEnd(to)) put("arrows", arrowText(isEnd(from) ? "●" : from.trim(), to.trim(), decoded(part)))
      }
    }
    if (stmt !== "state") continue
    const isDivider = type === "divider"
    if (isDivider) put("parallel", box)
    else if (type !== "fork" && !id.startsWith("machine__") && !id.endsWith("__any")) {
      put("places", box === "" || box.startsWith("machine__") ? id : `${box} / ${id}`)
    }
    if (doc !== undefined) walk(doc, isDivider ? box : id, said)
  }
}

const readMermaid = async (text: string): Promise<Said> => {
  const said = new Map<string, Set<string>>()
  walk(await parsed(text), "", said)
  const list = (kind: string): ReadonlyArray<string> => [...(said.get(kind) ?? [])].sort()
  return { places: list("places"), parallel: list("parallel"), arrows: list("arrows") }
}

/** The content of a drawing without the parts that Mermaid writes differently: regions, stays of boxes, inner initial states. */
const comparable = ({ places, parallel, arrows }: Said): Said => ({
  places,
  parallel,
  arrows: [
    ...new Set(
      arrows
        .filter((arrow) => !arrow.startsWith("●"))
        .map((arrow) => arrow.replaceAll("__any", "").replace(/ \(stays\)$/, ""))
    )
  ].sort()
})

/** Rendering takes long: each day renders a sample, and the campaign renders all. */
const paintedToday = partOf(Object.keys(fixtures), 4)

describe("Mermaid", () => {
  it.each(Object.entries(fixtures))(
    "Mermaid reads %s as the same chart, and computes a layout",
    async (name, machine) => {
      const drawing = drawingOf(chartOf(machine))
      const text = toMermaid(drawing)
      const expected = saidBy(drawing, { name: namesOf(drawing), partsMin: 2 })
      expect(comparable(await readMermaid(text))).toEqual(comparable(expected))
      if (!paintedToday.includes(name)) return
      const words = await painted(text)
      for (const state of everyState(drawing.root.states)) expect(words).toContain(state.name)
    }
  )

  it.each(Object.entries(knownMachines))(
    "Mermaid renders %s with every state and every event",
    async (_name, known) => {
      const words = await painted(toMermaid(known.drawing))
      for (const { name } of everyState(known.drawing.states)) expect(words).toContain(name)
      for (const { event } of known.drawing.edges.flatMap(({ source, lines }) =>
        source.startsWith("start") ? [] : lines
      )) {
        if (event !== null) expect(words).toContain(event)
      }
    }
  )

  it("Mermaid renders a highlighted state, and one region alone", async () => {
    const drawing = regionOf(knownMachines.cmk.drawing, "lifecycle")
    if (drawing === undefined) throw new Error("there is no lifecycle")
    const words = await painted(toMermaid(drawing, { active: ["state.lifecycle.Disabled"], caption: "alias/a: b" }))
    expect(words).toContain("Disabled")
    expect(words).toContain("alias/a: b")
    expect(words).not.toContain("Suspended")
  })

  it("Mermaid renders names with markup as text", async () => {
    const text = toMermaid(drawingOf(chartOf(hostileMachine)))
    const words = await painted(text)
    for (const name of ['"quote', "a --> b", "] ; }", "back\\slash", "a, b: c;", "@enduml"])
      expect(words).toContain(name)
    expect(await pictureOf(text)).not.toMatch(/<script/i)
  })
})
