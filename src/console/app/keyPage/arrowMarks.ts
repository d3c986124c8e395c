/** Makes the arrows of a drawn diagram controls: names, a wide area for the pointer, and a mark on those that do something. */
import type { Box, Geometry } from "../../../visualizer/layout/geometry.ts"
import type { Arrow } from "./arrows.ts"

const space = "http://www.w3.org/2000/svg"

/** Where an arrow is on the sheet: its words, or its line if it has none. */
export const placeOf = ({ edges }: Geometry, edge: string): Box | undefined => {
  const found = edges[edge]
  if (found === undefined || found.label !== undefined) return found?.label
  const [xs, ys] = [found.points.map(({ x }) => x), found.points.map(({ y }) => y)]
  const [x, y] = [Math.min(...xs), Math.min(...ys)]
  return { x, y, width: Math.max(...xs) - x, height: Math.max(...ys) - y }
}

const ringOf = (box: Box): Element => {
  const ring = document.createElementNS(space, "rect")
  const values = { x: box.x - 6, y: box.y - 3, width: box.width + 12, height: box.height + 8, rx: 6 }
  for (const [name, value] of Object.entries(values)) ring.setAttribute(name, String(value))
  ring.setAttribute("class", "ring")
  return ring
}

const widened = (line: Element): Element => {
  const hit = document.createElementNS(space, "path")
  hit.setAttribute("d", line.getAttribute("d") ?? "")
  hit.setAttribute("class", "hit")
  return hit
}

/** The words of an arrow as they are read. A name must begin with what is visible, so that speech input finds it. */
const visibleIn = (group: Element): string =>
  [...group.querySelectorAll("text")].map(({ textContent }) => textContent).join(" ")

const find = (svg: Element, id: string): Element | null => svg.querySelector(`#${CSS.escape(id)}`)

/** Once after each drawing. */
export const prepare = (svg: Element, geometry: Geometry, prefix: string): void => {
  for (const edge of Object.keys(geometry.edges)) {
    const group = find(svg, `${prefix}${edge}`)
    const line = group?.querySelector("path")
    if (group === null || line === null || line === undefined) continue
    const label = geometry.edges[edge]?.label
    // Without a space the words of two texts would be one.
    for (const text of group.querySelectorAll("text")) text.before(" ")
    group.prepend(...(label === undefined ? [] : [ringOf(label)]), widened(line))
  }
}

interface Marks {
  readonly prefix: string
  /** The arrow that Tab reaches; the arrow keys move on from it. */
  readonly current: string | undefined
  /** Id of the element that tells why an arrow does nothing. */
  readonly tip: string
}

/** After each change of what the arrows do. */
export const mark = (svg: Element, arrows: ReadonlyArray<Arrow>, { prefix, current, tip }: Marks): void => {
  for (const { edge, operation, way } of arrows) {
    const group = find(svg, `${prefix}${edge}`)
    if (group === null) continue
    // The browser would show the element as a second tooltip.
    group.querySelector("title")?.remove()
    const name = `${visibleIn(group)}: ${way}`
    const values = { "data-arrow": edge, role: "button", "aria-label": name, "aria-describedby": tip }
    for (const [attribute, value] of Object.entries(values)) group.setAttribute(attribute, value)
    group.setAttribute("tabindex", edge === current ? "0" : "-1")
    group.toggleAttribute("data-legal", operation !== undefined)
    if (operation === undefined) group.setAttribute("aria-disabled", "true")
    else group.removeAttribute("aria-disabled")
    for (const text of group.querySelectorAll("text[data-event]")) {
      text.toggleAttribute("data-legal", text.getAttribute("data-event") === operation)
    }
  }
}
