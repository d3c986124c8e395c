/** Pictures as SVG: well-formed, reproducible, readable, and without anything else. */
import { Effect } from "effect"
import { SaxesParser } from "saxes"
import { describe, expect, it } from "vitest"
import { chartOf } from "../../src/visualizer/model/chart.ts"
import { drawingOf, everyState, restingIds, stateId } from "../../src/visualizer/model/drawing.ts"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import { collisionsIn } from "../../src/visualizer/layout/collisions.ts"
import { layout } from "../../src/visualizer/layout/layout.ts"
import { pixels } from "../../src/visualizer/layout/metrics.ts"
import { cropped, regionOf } from "../../src/visualizer/model/region.ts"
import { svg } from "../../src/visualizer/svg/svg.ts"
import type { SvgOptions } from "../../src/visualizer/svg/svg.ts"
import { themes } from "../../src/visualizer/svg/themes.ts"
import { hostileMachine, hostileNames } from "./hostile.ts"

interface Element {
  readonly name: string
  readonly attributes: Readonly<Record<string, string>>
  text: string
}

/** Every element, by a strict reader of XML that stops at the first fault. */
const read = (text: string): ReadonlyArray<Element> => {
  const parser = new SaxesParser({ xmlns: false })
  const all: Array<Element> = []
  const open: Array<Element> = []
  parser.on("error", (error) => {
    throw error
  })
  parser.on("opentag", ({ name, attributes }) => {
    const element = { name, attributes: { ...attributes }, text: "" }
    all.push(element)
    open.push(element)
  })
  parser.on("text", (said) => {
    const inner = open.at(-1)
    if (inner !== undefined) inner.text += said
  })
  parser.on("closetag", () => open.pop())
  parser.write(text).close()
  return all
}

const { cmk } = knownMachines
const draw = (options: SvgOptions = {}): string => svg(cmk.drawing, cmk.geometry, options)
const textsOf = (elements: ReadonlyArray<Element>): ReadonlyArray<string> =>
  elements.filter(({ name }) => name === "text").map(({ text }) => text)

const machines = Object.entries(knownMachines)
const themeNames = ["light", "dark", "mono"] as const

describe("a picture", () => {
  it.each(machines.flatMap(([name, machine]) => themeNames.map((theme) => [name, theme, machine] as const)))(
    "the picture of %s in %s is XML with presentation attributes only",
    (_name, theme, { drawing, geometry }) => {
      const elements = read(svg(drawing, geometry, { theme, active: [everyState(drawing.states)[1]?.id ?? ""] }))
      const names = new Set(elements.map(({ name }) => name))
      expect([...names].filter((name) => !"svg title desc rect g text path circle".split(" ").includes(name))).toEqual(
        []
      )
      const attributes = new Set(elements.flatMap((element) => Object.keys(element.attributes)))
      expect([...attributes].filter((name) => /^(style|class|on.*|href|xlink:href)$/.test(name))).toEqual([])
      expect(svg(drawing, geometry, { theme })).not.toMatch(/var\(|url\(/)
    }
  )

  it("a picture has the same bytes for the same input", () => {
    const again = drawingOf(chartOf(cmk.machine))
    expect(draw()).toBe(draw())
    expect(svg(again, cmk.geometry)).toBe(svg(drawingOf(chartOf(cmk.machine)), cmk.geometry))
  })

  it("a picture states the length of every text, so that texts fit with any font", () => {
    const texts = read(draw()).filter(({ name }) => name === "text")
    expect(texts.length).toBeGreaterThan(40)
    for (const { attributes } of texts) {
      expect(Number(attributes["textLength"])).toBeGreaterThan(0)
      expect(attributes["lengthAdjust"]).toBe("spacingAndGlyphs")
    }
  })

  it("a picture has an id for each state and line, and names states and events for programs", () => {
    const elements = read(draw())
    const ids = elements.flatMap(({ attributes }) => attributes["id"] ?? [])
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids).toEqual(expect.arrayContaining(everyState(cmk.drawing.states).map(({ id }) => id)))
    expect(ids).toEqual(expect.arrayContaining(cmk.drawing.edges.map(({ id }) => id)))
    const enabled = elements.find(({ attributes }) => attributes["id"] === "state.lifecycle.Enabled")
    expect(enabled?.attributes["data-state"]).toBe("lifecycle.Enabled")
    const events = new Set(elements.flatMap(({ attributes }) => attributes["data-event"] ?? []))
    for (const event of ["EnableKey", "DisableKey", "ScheduleKeyDeletion", "DeletionDue", "RotationDue"]) {
      expect(events).toContain(event)
    }
  })

  it("several pictures with different prefixes can be on one page", () => {
    const ids = read(draw({ prefix: "second-" })).flatMap(({ attributes }) => attributes["id"] ?? [])
    expect(ids.filter((id) => !id.startsWith("second-"))).toEqual([])
  })

  it("a picture shows every event and every guard of a line", () => {
    const texts = textsOf(read(draw()))
    for (const { event, guard } of cmk.drawing.edges.flatMap(({ lines }) => lines)) {
      if (event !== null) expect(texts).toContain(event)
      if (guard !== null) expect(texts).toContain(`[${guard}]`)
    }
  })

  it("a tooltip of a state names the events that stay in the state", () => {
    const titles = read(draw()).filter(({ name }) => name === "title")
    const enabled = titles.find(({ text }) => text.startsWith("Enabled\nThe only state"))
    expect(enabled?.text).toContain("CreateAlias")
    expect(enabled?.text).toContain("TagResource")
  })
})

describe("highlighted states", () => {
  const active = restingIds({ lifecycle: "Disabled", rotation: "Suspended" })

  it("a picture marks the current state in words, not by colour alone", () => {
    expect(active).toEqual(["state.lifecycle.Disabled", "state.rotation.Suspended"])
    for (const theme of themeNames) {
      const elements = read(draw({ active, theme }))
      expect(textsOf(elements).filter((text) => text === "now")).toHaveLength(2)
      const lit = elements.filter(({ attributes }) => attributes["data-is"] === "active")
      expect(lit.map(({ attributes }) => attributes["data-state"])).toEqual([
        "lifecycle.Disabled",
        "rotation.Suspended"
      ])
      const desc = elements.find(({ name }) => name === "desc")
      expect(desc?.text).toContain("Current: lifecycle Disabled, rotation Suspended.")
    }
  })

  it('a picture of the past marks the state with "then", not with "now"', () => {
    const elements = read(draw({ active, past: true }))
    expect(textsOf(elements).filter((text) => text === "now" || text === "then")).toEqual(["then", "then"])
    expect(elements.some(({ name, text }) => name === "title" && text.includes("current state"))).toBe(false)
    expect(elements.find(({ name }) => name === "desc")?.text).toContain("At that time: lifecycle Disabled")
  })

  it("a picture without a current state marks no state", () => {
    expect(textsOf(read(draw()))).not.toContain("now")
  })

  it("a picture shows a numbered path that ends at a refused step", () => {
    const refused = { state: "state.lifecycle.Disabled", number: "3", event: "Encrypt", code: "Rejected.Disabled" }
    const path = [{ edge: "edge.5", numbers: "1, 2" }]
    const elements = read(draw({ path, refused }))
    expect(textsOf(elements)).toEqual(
      expect.arrayContaining(["1, 2", "3 \u00d7", "3  Encrypt is refused: Rejected.Disabled"])
    )
    const group = elements.find(({ attributes }) => attributes["id"] === "refused")
    expect(group?.attributes).toMatchObject({ "data-event": "Encrypt", "data-code": "Rejected.Disabled" })
  })
})

/** Contrast of two colours by the definition of WCAG 2. */
const contrast = (a: string, b: string): number => {
  const light = (colour: string): number => {
    const parts = [1, 3, 5].map((at) => Number.parseInt(colour.slice(at, at + 2), 16) / 255)
    const [red = 0, green = 0, blue = 0] = parts.map((part) =>
      part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
  }
  const [dark = 0, bright = 0] = [light(a), light(b)].sort((x, y) => x - y)
  return (bright + 0.05) / (dark + 0.05)
}

describe("a theme", () => {
  it.each(themeNames)("the theme %s has contrast AA for every text", (name) => {
    const theme = themes[name]
    for (const ground of [theme.page, theme.box.fill, theme.state.fill, theme.visited.fill]) {
      for (const ink of [theme.text, theme.quiet]) expect(contrast(ink, ground)).toBeGreaterThan(4.5)
    }
    expect(contrast(theme.active.text, theme.active.fill)).toBeGreaterThan(4.5)
    expect(contrast(theme.active.note, theme.active.fill)).toBeGreaterThan(4.5)
    expect(contrast(theme.path, theme.page)).toBeGreaterThan(4.5)
    expect(contrast(theme.refused, theme.page)).toBeGreaterThan(4.5)
  })
})

describe("a layout", () => {
  it.each(machines)("the layout of %s has no collisions", (_name, { drawing, geometry, cells }) => {
    expect(collisionsIn(drawing, geometry)).toEqual([])
    expect(collisionsIn(drawing, cells)).toEqual([])
  })

  it("the layout of one region contains only that region", () => {
    for (const name of ["lifecycle", "rotation"]) {
      const drawing = regionOf(cmk.drawing, name)
      if (drawing === undefined) throw new Error(`there is no region ${name}`)
      const geometry = cropped(cmk.geometry, drawing, 22)
      expect(collisionsIn(drawing, geometry)).toEqual([])
      expect(geometry.height).toBeLessThan(cmk.geometry.height)
      const states = read(svg(drawing, geometry)).flatMap(({ attributes }) => attributes["data-state"] ?? [])
      expect(states.length).toBeGreaterThan(3)
      expect(states.filter((state) => !state.startsWith(`${name}.`))).toEqual([])
    }
    expect(regionOf(cmk.drawing, "nowhere")).toBeUndefined()
  })
})

describe("names with markup", () => {
  it("a picture shows names with markup as text", async () => {
    const drawing = drawingOf(chartOf(hostileMachine))
    const geometry = await Effect.runPromise(layout(drawing, pixels))
    expect(collisionsIn(drawing, geometry)).toEqual([])
    const elements = read(svg(drawing, geometry, { title: hostileNames[1], active: [stateId(["s13", "a.b"])] }))
    expect(elements.map(({ name }) => name)).not.toContain("script")
    const texts = textsOf(elements)
    for (const name of ['"quote', "<script>alert(1)</script>", "a --> b", "back\\slash", "&amp; #35;", "a.b"]) {
      expect(texts).toContain(name)
    }
    expect(elements.find(({ name }) => name === "title")?.text).toBe("<script>alert(1)</script>")
    expect(texts).toContain("now")
  })
})
