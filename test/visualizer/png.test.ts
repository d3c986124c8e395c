/** Pictures as PNG: decoded, with dark pixels at the places of words. */
import { inflateSync } from "node:zlib"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { knownMachines } from "../../src/visualizer/drawings.ts"
import type { Box } from "../../src/visualizer/layout/geometry.ts"
import { toPng } from "../../src/visualizer/svg/png.ts"
import { svg } from "../../src/visualizer/svg/svg.ts"

interface Pixels {
  readonly width: number
  readonly height: number
  /** Red, green and blue of a pixel. */
  readonly at: (x: number, y: number) => ReadonlyArray<number>
}

const paeth = (a: number, b: number, c: number): number => {
  const [pa, pb, pc] = [Math.abs(b - c), Math.abs(a - c), Math.abs(a + b - 2 * c)]
  return pa <= pb && pa <= pc ? a : pb <= pc ? b : c
}

/** PNG, 8 bits a channel with alpha, not interlaced: all that resvg writes. */
const decoded = (bytes: Uint8Array): Pixels => {
  const file = Buffer.from(bytes)
  expect(file.subarray(1, 4).toString("latin1")).toBe("PNG")
  const data: Array<Buffer> = []
  for (let at = 8; at < file.length; at += file.readUInt32BE(at) + 12) {
    if (file.toString("latin1", at + 4, at + 8) === "IDAT")
      data.push(file.subarray(at + 8, at + 8 + file.readUInt32BE(at)))
  }
  const [width, height] = [file.readUInt32BE(16), file.readUInt32BE(20)]
  expect([...file.subarray(24, 29)]).toEqual([8, 6, 0, 0, 0])
  const raw = inflateSync(Buffer.concat(data))
  const stride = width * 4
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)] ?? 0
    for (let x = 0; x < stride; x++) {
      const here = raw[y * (stride + 1) + 1 + x] ?? 0
      const left = x < 4 ? 0 : (out[y * stride + x - 4] ?? 0)
      const above = y === 0 ? 0 : (out[(y - 1) * stride + x] ?? 0)
      const corner = x < 4 || y === 0 ? 0 : (out[(y - 1) * stride + x - 4] ?? 0)
      const guess = [0, left, above, Math.floor((left + above) / 2), paeth(left, above, corner)][filter] ?? 0
      out[y * stride + x] = (here + guess) & 0xff
    }
  }
  return { width, height, at: (x, y) => [...out.subarray((y * width + x) * 4, (y * width + x) * 4 + 3)] }
}

/** The number of nearly black pixels in a box. */
const inkIn = (pixels: Pixels, { x, y, width, height }: Box): number => {
  let ink = 0
  for (let row = Math.ceil(y); row < y + height; row++) {
    for (let column = Math.ceil(x); column < x + width; column++) {
      if (pixels.at(column, row).every((channel) => channel < 110)) ink++
    }
  }
  return ink
}

const { drawing, geometry } = knownMachines.cmk

describe("a PNG", () => {
  it("a PNG contains the words of every state and every line", async () => {
    const pixels = decoded(await Effect.runPromise(toPng(svg(drawing, geometry, { theme: "mono" }), 1)))
    expect(pixels.width).toBe(geometry.width)
    for (const edge of drawing.edges) {
      const label = geometry.edges[edge.id]?.label
      if (label !== undefined) expect(inkIn(pixels, label), edge.id).toBeGreaterThan(20)
    }
    const enabled = geometry.nodes["state.lifecycle.Enabled"]
    if (enabled === undefined) throw new Error("Enabled is drawn nowhere")
    const inside = { x: enabled.x + 4, y: enabled.y + 4, width: enabled.width - 8, height: enabled.height - 8 }
    expect(inkIn(pixels, inside)).toBeGreaterThan(100)
  })

  it("a PNG has the size of its scale, and the same bytes every time", async () => {
    const text = svg(drawing, geometry)
    const [once, again] = [await Effect.runPromise(toPng(text, 2)), await Effect.runPromise(toPng(text, 2))]
    expect(Buffer.from(once).equals(again)).toBe(true)
    expect(Buffer.from(once).readUInt32BE(16)).toBe(2 * geometry.width)
  })
})
