/** The width of a text in the drawing font. Other fonts are stretched to this width. */
import advances from "../geometry/advances.json" with { type: "json" }

export type Weight = "regular" | "bold"

// Has an annotation, because a declaration file cannot import JSON with an attribute.
const advancesOf: Readonly<Record<Weight, ReadonlyArray<number>>> = advances

const otherAdvance = 667

/** The width in pixels at a font size in pixels. */
export const textWidth = (text: string, size: number, weight: Weight): number => {
  let thousandths = 0
  for (const letter of text) thousandths += advancesOf[weight][(letter.codePointAt(0) ?? 0) - 0x20] ?? otherAdvance
  return (thousandths * size) / 1000
}
