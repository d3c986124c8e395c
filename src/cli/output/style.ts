/** How a command prints: the format of its result, whether notes are omitted, and the form of errors. */
import { Context } from "effect"
import { Flag, GlobalFlag } from "effect/cli"

export const formats = ["table", "json", "jsonl"] as const
export type Format = (typeof formats)[number]

export interface Style {
  /** The value of `--output`; undefined if absent. */
  readonly format: Format | undefined
  /** Whether notes and errors are printed as lines of JSON. */
  readonly isJson: boolean
  /** Whether notes and progress are omitted. */
  readonly isQuiet: boolean
}

/** The style of the command line. */
export const Style = Context.Reference<Style>("keystate/cli/Style", {
  defaultValue: () => ({ format: undefined, isJson: false, isQuiet: false })
})

/** Parsed for every command. `styleOf` reads these flags earlier, because errors of the parser have a style too. */
export const styleFlags = [
  GlobalFlag.Setting("output")({
    flag: Flag.Literals("output", formats).pipe(
      Flag.withDescription("Format of the result: a table for people, JSON, or a line of JSON for each item"),
      Flag.optional
    )
  }),
  GlobalFlag.Setting("quiet")({
    flag: Flag.Boolean("quiet").pipe(
      Flag.withAlias("q"),
      Flag.withDescription("Print the result and errors, but no notes and no progress"),
      Flag.withDefault(false)
    )
  })
] as const

const isFormat = (text: string | undefined): text is Format => formats.some((format) => format === text)

/** For this command `--json` names a file. */
const namesFileOfReport = "conformance"

/** The style that the words of a command line select. */
export const styleOf = (words: ReadonlyArray<string>): Style => {
  const end = words.indexOf("--")
  const read = end === -1 ? words : words.slice(0, end)
  const given = read.flatMap((word, at) => {
    if (word === "--output") return [read[at + 1]]
    return word.startsWith("--output=") ? [word.slice("--output=".length)] : []
  })
  const format = given.findLast(isFormat)
  const isShort = read.includes("--json") && !read.includes(namesFileOfReport)
  return {
    format,
    isJson: format === undefined ? isShort : format !== "table",
    isQuiet: read.includes("--quiet") || read.includes("-q")
  }
}
