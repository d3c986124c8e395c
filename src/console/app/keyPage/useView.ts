/** What is visible of a key's diagram, and how the pointer changes it. */
import { useCallback, useEffect, useRef, useState } from "react"
import type { PointerEvent, RefObject } from "react"
import { knownMachines } from "../../../visualizer/drawings.ts"
import type { Point } from "../../../visualizer/layout/geometry.ts"
import { fit, lookAt, moved, openAt, shows, zoomed } from "../parts/view.ts"
import type { Size, View } from "../parts/view.ts"
import { placeOf } from "./arrowMarks.ts"

const { geometry } = knownMachines.cmk

const useSize = (frame: RefObject<HTMLElement | null>): Size | undefined => {
  const [size, setSize] = useState<Size>()
  useEffect(() => {
    const element = frame.current
    if (element === null) return undefined
    const observer = new ResizeObserver(() =>
      setSize({ width: Math.max(1, element.clientWidth), height: Math.max(1, element.clientHeight) })
    )
    observer.observe(element)
    return () => observer.disconnect()
  }, [frame])
  return size
}

/** The factor of one zoom. */
export const step = 1.25

/** What is visible, and how it changes. */
export const useView = (frame: RefObject<HTMLElement | null>, sheet: Size, here: string) => {
  const size = useSize(frame)
  const [view, setView] = useState<View>()
  const box = geometry.nodes[here]
  const open = useCallback(() => {
    if (size !== undefined && box !== undefined) setView(openAt(box, sheet, size))
  }, [size, box, sheet])
  // The diagram follows the key to its next state.
  useEffect(open, [open])
  const change = (next: (view: View, bounds: { readonly sheet: Size; readonly frame: Size }) => View): void =>
    setView((known) => (known === undefined || size === undefined ? known : next(known, { sheet, frame: size })))
  const middle: Point = { x: (size?.width ?? 0) / 2, y: (size?.height ?? 0) / 2 }
  return {
    size,
    view,
    open,
    zoom: (factor: number, at: Point = middle) => change((known, bounds) => zoomed(known, factor, at, bounds)),
    move: (x: number, y: number) => change((known, bounds) => moved(known, { x, y }, bounds)),
    whole: () => change((_known, bounds) => fit(bounds.sheet, bounds.frame)),
    show: (edge: string) =>
      change((known, bounds) => {
        const place = placeOf(geometry, edge)
        return place === undefined || shows(known, place, bounds) ? known : lookAt(known, place, bounds)
      })
  }
}

export type Visible = ReturnType<typeof useView>

/** A drag of more than a few pixels moves the diagram; less is a click. */
export const useDrag = ({ move }: Visible) => {
  const from = useRef<Point>(undefined)
  const isMoved = useRef(false)
  const end = (): void => {
    from.current = undefined
  }
  return {
    wasMoved: () => isMoved.current,
    handlers: {
      onPointerDown: ({ clientX, clientY, button }: PointerEvent) => {
        if (button !== 0) return
        from.current = { x: clientX, y: clientY }
        isMoved.current = false
      },
      onPointerMove: ({ clientX, clientY, currentTarget, pointerId }: PointerEvent) => {
        const start = from.current
        if (start === undefined) return
        const [x, y] = [start.x - clientX, start.y - clientY]
        if (!isMoved.current && Math.hypot(x, y) < 5) return
        if (!isMoved.current) currentTarget.setPointerCapture(pointerId)
        isMoved.current = true
        from.current = { x: clientX, y: clientY }
        move(x, y)
      },
      onPointerUp: end,
      onPointerCancel: end
    }
  }
}

/** Ctrl and the wheel zoom, as in maps. The wheel alone scrolls the page. */
export const useZoomWheel = (frame: RefObject<HTMLElement | null>, { zoom }: Visible): void => {
  const latest = useRef(zoom)
  latest.current = zoom
  useEffect(() => {
    const element = frame.current
    const onWheel = (event: WheelEvent): void => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const { left, top } = element?.getBoundingClientRect() ?? { left: 0, top: 0 }
      latest.current(event.deltaY < 0 ? step : 1 / step, { x: event.clientX - left, y: event.clientY - top })
    }
    // React listens passively, which does not let a page prevent the browser's own zoom.
    element?.addEventListener("wheel", onWheel, { passive: false })
    return () => element?.removeEventListener("wheel", onWheel)
  }, [frame])
}
