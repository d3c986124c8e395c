/** How wide a text is in the drawing font, from its advances; close enough for any other font, which is fitted to it. */
import advances from "../geometry/advances.json" with { type: "json" }

export type Weight = "regular" | "bold"

// Annotated: a declaration file cannot import JSON with an attribute.
const advancesOf: Readonly<Record<Weight, ReadonlyArray<number>>> = advances

const otherAdvance = 667

/** Width in pixels at a font size in pixels. */
export const textWidth = (text: string, size: number, weight: Weight): number => {
  let thousandths = 0
  for (const letter of text) thousandths += advancesOf[weight][(letter.codePointAt(0) ?? 0) - 0x20] ?? otherAdvance
  return (thousandths * size) / 1000
}
