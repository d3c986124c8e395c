/** Makes one drawing, for a command line or for a marker in a Markdown file. */
import { Effect } from "effect"
import type { CliError } from "effect/cli"
import type { Moment } from "../../visualizer/keys/history.ts"
import { formatOf, formats, render } from "../../visualizer/render.ts"
import type { Format } from "../../visualizer/render.ts"
import { themes } from "../../visualizer/svg/themes.ts"
import type { ThemeName } from "../../visualizer/svg/themes.ts"
import { captionOf, historyMarks } from "../../visualizer/keys/keyMarks.ts"
import { machineOf, pathMarks } from "./subject.ts"
import { withElapsed } from "../output/progress.ts"
import { userError } from "../output/userError.ts"

export interface Wanted {
  readonly machine: string
  readonly region?: string | undefined
  /** The number of levels of states to show. */
  readonly depth?: number | undefined
  /** The key that the history belongs to. */
  readonly name?: string | undefined
  readonly format?: string | undefined
  readonly theme?: string | undefined
  readonly scale?: number | undefined
  readonly path?: string | undefined
  readonly output?: string | undefined
  readonly title?: string | undefined
  readonly moments?: ReadonlyArray<Moment> | undefined
  /** Whether the history ends before the present state of the key. */
  readonly past?: boolean | undefined
}

export interface Made {
  readonly content: string | Uint8Array
  /** The message of a refused step of the path. */
  readonly refusal: string | undefined
}

const isFormat = (name: string): name is Format => formats.some((format) => format === name)
const isTheme = (name: string): name is ThemeName => Object.hasOwn(themes, name)

const formatWanted = ({ format, output }: Wanted): Effect.Effect<Format, CliError.UserError> => {
  const all = formats.join(", ")
  if (format !== undefined) {
    return isFormat(format) ? Effect.succeed(format) : Effect.fail(userError(`--format takes ${all}, not "${format}".`))
  }
  if (output === undefined || output === "-") return Effect.succeed("mermaid")
  const found = formatOf(output)
  return found === undefined
    ? Effect.fail(userError(`The name ${output} has no ending of a known format. Add --format with one of ${all}.`))
    : Effect.succeed(found)
}

/** Only the drawing of a key has a caption. */
const captionFor = ({ moments, name = "The key" }: Wanted): string | undefined => {
  const end = moments?.at(-1)
  return end === undefined ? undefined : captionOf(name, end)
}

const scaleMax = 10

export const made = Effect.fn("diagram.made")(function* (wanted: Wanted) {
  const { machine, region, theme = "light", scale = 2, path, title, moments, past = false } = wanted
  const format = yield* formatWanted(wanted)
  if (!isTheme(theme)) return yield* userError(`--theme takes ${Object.keys(themes).join(", ")}, not "${theme}".`)
  if (!(scale > 0 && scale <= scaleMax))
    return yield* userError(`--scale takes a number above 0 and at most ${scaleMax}, not ${scale}.`)
  const whole = yield* machineOf(machine, region, wanted.depth)
  if ((path !== undefined || moments !== undefined) && machine !== "cmk") {
    return yield* userError("--path, --key and --history need the machine cmk.")
  }
  const walked = path === undefined ? undefined : yield* pathMarks(whole.drawing, path)
  const marks = moments === undefined ? walked?.options : historyMarks(whole.drawing, moments)
  const options = { ...marks, caption: captionFor(wanted), past, theme, title: title ?? whole.title }
  const content = yield* withElapsed("laying out the drawing", render(format, { ...whole, options }, scale), {
    ifInterrupted: "Nothing was drawn. --depth and --only draw less, and --format dot needs no layout."
  }).pipe(Effect.mapError(({ message }) => userError(message)))
  return { content, refusal: walked?.refusal } satisfies Made
})
