/** Reads the character widths of the drawing font once, so that measuring text does not need the font. */
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"

/** Printable ASCII; other characters count as two thirds of an em. */
const first = 0x20
const last = 0x7e

interface Font {
  readonly file: DataView
  readonly tables: ReadonlyMap<string, number>
}

const open = (path: string): Font => {
  const bytes = readFileSync(path)
  const file = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const tables = new Map<string, number>()
  for (let at = 0; at < file.getUint16(4); at++) {
    const entry = 12 + at * 16
    const tag = String.fromCharCode(...[0, 1, 2, 3].map((place) => file.getUint8(entry + place)))
    tables.set(tag, file.getUint32(entry + 8))
  }
  return { file, tables }
}

const table = ({ tables }: Font, tag: string): number => {
  const at = tables.get(tag)
  if (at === undefined) throw new Error(`the font has no table ${tag}`)
  return at
}

/** OpenType, cmap: the format 4 subtable maps characters of the first plane to glyphs. */
const glyphOf = (font: Font): ((code: number) => number) => {
  const { file } = font
  const cmap = table(font, "cmap")
  for (let at = 0; at < file.getUint16(cmap + 2); at++) {
    const subtable = cmap + file.getUint32(cmap + 4 + at * 8 + 4)
    if (file.getUint16(subtable) !== 4) continue
    const segments = file.getUint16(subtable + 6) / 2
    return (code) => {
      for (let segment = 0; segment < segments; segment++) {
        const end = subtable + 14 + segment * 2
        if (file.getUint16(end) < code) continue
        const start = end + segments * 2 + 2
        if (file.getUint16(start) > code) return 0
        const delta = file.getUint16(start + segments * 2)
        const range = start + segments * 4
        const offset = file.getUint16(range)
        if (offset === 0) return (code + delta) & 0xffff
        return (file.getUint16(range + offset + (code - file.getUint16(start)) * 2) + delta) & 0xffff
      }
      return 0
    }
  }
  throw new Error("the font has no character map of format 4")
}

/** The width of each character from space to tilde, in thousandths of an em. */
const advancesOf = (path: string): ReadonlyArray<number> => {
  const font = open(path)
  const { file } = font
  const unitsPerEm = file.getUint16(table(font, "head") + 18)
  const metrics = file.getUint16(table(font, "hhea") + 34)
  const hmtx = table(font, "hmtx")
  const glyph = glyphOf(font)
  return Array.from({ length: last - first + 1 }, (_, at) => {
    const index = Math.min(glyph(first + at), metrics - 1)
    return Math.round((file.getUint16(hmtx + index * 4) * 1000) / unitsPerEm)
  })
}

const require = createRequire(import.meta.url)

/** Files of the font by weight, only for PNG. */
export const fontFiles = (): { readonly regular: string; readonly bold: string } => ({
  regular: require.resolve("@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf"),
  bold: require.resolve("@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf")
})

export const bakedAdvances = (): { readonly regular: ReadonlyArray<number>; readonly bold: ReadonlyArray<number> } => {
  const files = fontFiles()
  return { regular: advancesOf(files.regular), bold: advancesOf(files.bold) }
}
