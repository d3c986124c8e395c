/** Mermaid's own parser and painter, in a browser, on what is written for them. */
import { createRequire } from "node:module"
import type { Browser, Page } from "playwright-core"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { everyState } from "../../src/visualizer/model/drawing.ts"
import { toMermaid } from "../../src/visualizer/writers/mermaid.ts"
import { launchChromium } from "../chromium.ts"
import { patience } from "../patience.ts"
import { hostileMachine } from "./hostile.ts"

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
  readonly render: (id: string, source: string) => Promise<{ readonly svg: string }>
}

/** The picture Mermaid makes; what it complains of is thrown. */
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

describe("Mermaid itself", () => {
  it.each(Object.entries(knownMachines))("paints %s with every state and every event", async (_name, known) => {
    const words = await painted(toMermaid(known.machine))
    for (const { name } of everyState(known.drawing.states)) expect(words).toContain(name)
    for (const { event } of known.drawing.edges.flatMap(({ source, lines }) =>
      source.startsWith("start") ? [] : lines
    )) {
      if (event !== null) expect(words).toContain(event)
    }
  })

  it("paints a lit state, and one region alone", async () => {
    const { machine } = knownMachines.cmk
    const words = await painted(toMermaid(machine, { region: "lifecycle", active: ["state.lifecycle.Disabled"] }))
    expect(words).toContain("Disabled")
    expect(words).not.toContain("Suspended")
  })

  it("paints names that are markup as text", async () => {
    const words = await painted(toMermaid(hostileMachine))
    for (const name of ['"quote', "a --> b", "] ; }", "back\\slash", "a, b: c;", "@enduml"])
      expect(words).toContain(name)
    expect(await pictureOf(toMermaid(hostileMachine))).not.toMatch(/<script/i)
  })
})
