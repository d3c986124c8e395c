/** The part of a diagram that is visible: its middle and its scale, moved and zoomed within the sheet. */
import type { Box, Point } from "../../../visualizer/layout/geometry.ts"

export interface Size {
  readonly width: number
  readonly height: number
}

export interface View {
  /** The point of the sheet in the middle of the frame. */
  readonly middle: Point
  /** Pixels of the frame for each unit of the sheet. */
  readonly scale: number
}

/** Text stays readable at the smallest scale that a diagram opens with. */
const opening = { least: 0.72, most: 1 } as const
const largest = 3

const clamp = (value: number, low: number, high: number): number => Math.min(Math.max(value, low), high)

/** Along one axis: keeps the sheet in the frame, or in its middle if it is smaller than the frame. */
const within = (at: number, length: number, visible: number): number =>
  visible >= length ? length / 2 : clamp(at, visible / 2, length - visible / 2)

const kept = ({ middle, scale }: View, sheet: Size, frame: Size): View => ({
  middle: {
    x: within(middle.x, sheet.width, frame.width / scale),
    y: within(middle.y, sheet.height, frame.height / scale)
  },
  scale
})

const fitting = (sheet: Size, frame: Size): number => Math.min(frame.width / sheet.width, frame.height / sheet.height)

/** The whole sheet. */
export const fit = (sheet: Size, frame: Size): View => ({
  middle: { x: sheet.width / 2, y: sheet.height / 2 },
  scale: fitting(sheet, frame)
})

/** As wide as the frame, around a box. */
export const openAt = (box: Box, sheet: Size, frame: Size): View => ({
  ...lookAt({ middle: { x: 0, y: 0 }, scale: clamp(frame.width / sheet.width, opening.least, opening.most) }, box, {
    sheet,
    frame
  })
})

interface Bounds {
  readonly sheet: Size
  readonly frame: Size
}

/** The same scale, with a box in the middle. */
export const lookAt = ({ scale }: View, box: Box, { sheet, frame }: Bounds): View =>
  kept({ middle: { x: box.x + box.width / 2, y: box.y + box.height / 2 }, scale }, sheet, frame)

/** Whether a box is wholly visible. */
export const shows = ({ middle, scale }: View, box: Box, { frame }: Bounds): boolean => {
  const [wide, high] = [frame.width / scale / 2, frame.height / scale / 2]
  return (
    box.x >= middle.x - wide &&
    box.x + box.width <= middle.x + wide &&
    box.y >= middle.y - high &&
    box.y + box.height <= middle.y + high
  )
}

/** Moved by pixels of the frame. */
export const moved = ({ middle, scale }: View, by: Point, { sheet, frame }: Bounds): View =>
  kept({ middle: { x: middle.x + by.x / scale, y: middle.y + by.y / scale }, scale }, sheet, frame)

/** Zoomed by a factor; the point of the frame stays where it is. */
export const zoomed = (view: View, factor: number, at: Point, { sheet, frame }: Bounds): View => {
  const scale = clamp(view.scale * factor, Math.min(fitting(sheet, frame), opening.least), largest)
  const off = { x: at.x - frame.width / 2, y: at.y - frame.height / 2 }
  const middle = {
    x: view.middle.x + off.x / view.scale - off.x / scale,
    y: view.middle.y + off.y / view.scale - off.y / scale
  }
  return kept({ middle, scale }, sheet, frame)
}

/** The view as the `viewBox` of an SVG element. `top` is the upper edge of the sheet. */
export const viewBoxOf = ({ middle, scale }: View, { width, height }: Size): string =>
  [middle.x - width / scale / 2, middle.y - height / scale / 2, width / scale, height / scale].map(rounded).join(" ")

const rounded = (value: number): number => Math.round(value * 100) / 100
