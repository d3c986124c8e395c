/** A drawing as PNG, rendered by resvg with the drawing font. */
import { Data, Effect } from "effect"

/** Why there is no picture, as a sentence. */
export class PngFailed extends Data.TaggedError("PngFailed")<{ readonly message: string }> {}

/** Renders SVG as PNG. Needs the optional package `@resvg/resvg-js`. */
export const toPng = (svg: string, scale: number): Effect.Effect<Uint8Array, PngFailed> =>
  Effect.tryPromise({
    try: async () => {
      // A bundler accepts that the package is missing only if a catch follows.
      const { Resvg } = await import("@resvg/resvg-js").catch(async (failure: unknown) => Promise.reject(failure))
      const { fontFiles } = await import("../layout/bakeFont.ts")
      const files = fontFiles()
      const font = {
        fontFiles: [files.regular, files.bold],
        loadSystemFonts: false,
        defaultFontFamily: "Inter"
      }
      return new Resvg(svg, { font, fitTo: { mode: "zoom", value: scale } }).render().asPng()
    },
    catch: () =>
      new PngFailed({
        message:
          "A PNG needs two packages: npm install @resvg/resvg-js @expo-google-fonts/inter. --format svg does without."
      })
  })
