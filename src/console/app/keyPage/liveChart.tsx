/** The diagram of a key as a control: its arrows are buttons, and it can be moved, zoomed and fitted. */
import { useId, useLayoutEffect, useMemo, useRef, useState } from "react"
import type { MouseEvent, ReactNode, RefObject } from "react"
import { knownMachines } from "../../../visualizer/drawings.ts"
import { svg } from "../../../visualizer/svg/svg.ts"
import type { SvgOptions } from "../../../visualizer/svg/svg.ts"
import { Button } from "../parts/basic.tsx"
import { elementOf } from "../parts/drawn.ts"
import { useDark } from "../parts/useDark.ts"
import { viewBoxOf } from "../parts/view.ts"
import type { Size } from "../parts/view.ts"
import { mark, prepare } from "./arrowMarks.ts"
import type { Arrow } from "./arrows.ts"
import { Tip } from "./arrowTip.tsx"
import { edgeAt, focusOn, keysOf, prefix } from "./chartKeys.ts"
import { step, useDrag, useView, useZoomWheel } from "./useView.ts"
import type { Visible } from "./useView.ts"
import { t } from "../text/text.ts"

const { drawing, geometry } = knownMachines.cmk

interface LiveChartProps {
  /** Describes the diagram for screen readers. */
  readonly name: string
  readonly caption: ReactNode
  readonly options: SvgOptions
  /** The id of the current state, which the diagram opens at. */
  readonly here: string
  readonly arrows: ReadonlyArray<Arrow>
  /** Begins the change of an arrow that was chosen. */
  readonly onAct: (operation: string) => void
}

/** The drawing as text, and its size. */
const useSheet = (options: SvgOptions) => {
  const dark = useDark()
  const text = svg(drawing, geometry, { theme: dark ? "dark" : "light", prefix, ...options })
  const [, width, height] = /<svg[^>]* width="([0-9.]+)" height="([0-9.]+)"/.exec(text) ?? []
  const sheet = useMemo<Size>(() => ({ width: Number(width), height: Number(height) }), [width, height])
  return { text, sheet }
}

/** Draws the text again where it changes, and keeps the focus on the same arrow. */
const useDrawn = (host: RefObject<HTMLElement | null>, text: string, name: string): void =>
  useLayoutEffect(() => {
    const element = host.current
    if (element === null) return
    const drawn = elementOf(text)
    for (const attribute of ["width", "height", "aria-labelledby"]) drawn.removeAttribute(attribute)
    drawn.setAttribute("role", "toolbar")
    drawn.setAttribute("aria-label", name)
    prepare(drawn, geometry, prefix)
    const focused = element.contains(document.activeElement) ? edgeAt(document.activeElement) : undefined
    element.replaceChildren(drawn)
    if (focused !== undefined) focusOn(element, focused)
  }, [host, text, name])

export const LiveChart = ({ name, caption, options, here, arrows, onAct }: LiveChartProps) => {
  const frame = useRef<HTMLDivElement>(null)
  const host = useRef<HTMLDivElement>(null)
  const tip = useId()
  const { text, sheet } = useSheet(options)
  const visible = useView(frame, sheet, here)
  const pointed = usePointed(arrows)
  useDrawn(host, text, name)
  useLayoutEffect(() => {
    const drawn = host.current?.firstElementChild
    if (drawn === null || drawn === undefined) return
    mark(drawn, arrows, { prefix, current: pointed.current, tip })
    if (visible.view !== undefined && visible.size !== undefined) {
      drawn.setAttribute("viewBox", viewBoxOf(visible.view, visible.size))
    }
  })
  const drag = useDrag(visible)
  useZoomWheel(frame, visible)
  const act = (edge: string | undefined): void => {
    const arrow = arrows.find((one) => one.edge === edge)
    if (arrow === undefined) return
    if (arrow.operation !== undefined) return onAct(arrow.operation)
    pointed.point(arrow.edge)
  }
  const onKeyDown = keysOf({ host, arrows, act, visible, hide: () => pointed.point(undefined) })
  return (
    <figure className="live">
      <div className="liveHead">
        <figcaption>{caption}</figcaption>
        <ZoomButtons visible={visible} />
      </div>
      <div
        className="liveFrame"
        ref={frame}
        {...drag.handlers}
        onClick={({ target }: MouseEvent) => {
          if (!drag.wasMoved()) act(edgeAt(target))
        }}
        onKeyDown={onKeyDown}
        onPointerOver={({ target }) => {
          const edge = edgeAt(target)
          if (edge !== undefined) pointed.point(edge)
        }}
        onPointerLeave={() => pointed.point(undefined)}
        onFocus={({ target }) => {
          const edge = edgeAt(target)
          if (edge === undefined) return
          pointed.focus(edge)
          visible.show(edge)
        }}
        onBlur={() => pointed.point(undefined)}
      >
        <div ref={host} className="liveHost" />
        <Tip id={tip} arrow={pointed.arrow} visible={visible} />
      </div>
    </figure>
  )
}

/** The arrow that the pointer or the focus is on, and the one that Tab reaches. */
const usePointed = (arrows: ReadonlyArray<Arrow>) => {
  const [edge, point] = useState<string>()
  const [last, setLast] = useState<string>()
  const current = arrows.some((one) => one.edge === last) ? last : arrows[0]?.edge
  return {
    arrow: arrows.find((one) => one.edge === edge),
    current,
    point,
    focus: (focused: string) => {
      point(focused)
      setLast(focused)
    }
  }
}

const ZoomButtons = ({ visible: { open, whole, zoom } }: { readonly visible: Visible }) => (
  <div className="row" role="group" aria-label={t("View of the diagram")}>
    <Button small aria-label={t("Zoom out")} onClick={() => zoom(1 / step)}>
      −
    </Button>
    <Button small aria-label={t("Zoom in")} onClick={() => zoom(step)}>
      +
    </Button>
    <Button small onClick={whole}>
      {t("Fit")}
    </Button>
    <Button small onClick={open}>
      {t("Current state")}
    </Button>
  </div>
)
