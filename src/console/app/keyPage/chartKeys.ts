/** The keyboard in a key's diagram: from arrow to arrow, to act, to move and to zoom. */
import type { KeyboardEvent, RefObject } from "react"
import type { Arrow } from "./arrows.ts"
import { step } from "./useView.ts"
import type { Visible } from "./useView.ts"

/** Put before every id of the diagram. */
export const prefix = "cmk."

/** Pixels of one move. */
const pan = 80

/** The arrow that an element belongs to. */
export const edgeAt = (target: EventTarget | null): string | undefined =>
  (target instanceof Element ? target.closest("[data-arrow]")?.getAttribute("data-arrow") : undefined) ?? undefined

export const focusOn = (host: HTMLElement, edge: string): void => {
  const found = host.querySelector(`#${CSS.escape(`${prefix}${edge}`)}`)
  if (!(found instanceof SVGElement)) return
  found.setAttribute("tabindex", "0")
  found.focus({ preventScroll: true })
}

interface Keyed {
  readonly host: RefObject<HTMLElement | null>
  readonly arrows: ReadonlyArray<Arrow>
  readonly act: (edge: string | undefined) => void
  readonly visible: Visible
  readonly hide: () => void
}

const turns: Readonly<Record<string, number>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }

const shifts: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowRight: [pan, 0],
  ArrowLeft: [-pan, 0],
  ArrowDown: [0, pan],
  ArrowUp: [0, -pan]
}

/** The pattern of a toolbar: arrow keys go from arrow to arrow; with Shift they move the diagram. */
export const keysOf = ({ host, arrows, act, visible, hide }: Keyed) => {
  const goTo = (at: number): void => {
    const edge = arrows[(at + arrows.length) % arrows.length]?.edge
    if (edge !== undefined && host.current !== null) focusOn(host.current, edge)
  }
  const actOf = ({ key, shiftKey, target }: KeyboardEvent): (() => void) | undefined => {
    const edge = edgeAt(target)
    const at = arrows.findIndex((one) => one.edge === edge)
    const shift = shiftKey ? shifts[key] : undefined
    if (shift !== undefined) return () => visible.move(...shift)
    const turn = turns[key]
    if (turn !== undefined) return () => goTo(at + turn)
    const others: Readonly<Record<string, () => void>> = {
      Enter: () => act(edge),
      " ": () => act(edge),
      Home: () => goTo(0),
      End: () => goTo(-1),
      "+": () => visible.zoom(step),
      "-": () => visible.zoom(1 / step),
      "0": visible.whole,
      Escape: hide
    }
    return others[key]
  }
  return (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || edgeAt(event.target) === undefined) return
    const found = actOf(event)
    if (found === undefined) return
    event.preventDefault()
    found()
  }
}
