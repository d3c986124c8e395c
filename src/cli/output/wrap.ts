/** Wraps help texts to the width of a terminal. */
import { CliOutput } from "effect/cli"

/** The narrowest column for descriptions beside names. In a narrower terminal, they are below the names. */
const narrowest = 28

/** The indent of descriptions below names. */
const below = 6

/** Sections with commands, which can be copied only as whole lines. */
const hasCommands = /^\S*(USAGE|EXAMPLES)/

const filled = (text: string, width: number): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let line = ""
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`
    if (line !== "" && CliOutput.displayWidth(longer) > width) {
      lines.push(line)
      line = word
    } else line = longer
  }
  return [...lines, line]
}

const indented = (lines: ReadonlyArray<string>, indent: number): ReadonlyArray<string> =>
  lines.map((line) => " ".repeat(indent) + line)

/** A line of help is indented text, or a name and its description with two spaces or more between. */
const wrappedLine = (line: string, columns: number): ReadonlyArray<string> => {
  if (CliOutput.displayWidth(line) <= columns) return [line]
  const [, name, text] = /^( +\S.*? {2,})(\S.*)$/.exec(line) ?? []
  if (name === undefined || text === undefined) {
    const indent = line.length - line.trimStart().length
    return indented(filled(line.trimStart(), columns - indent), indent)
  }
  const indent = CliOutput.displayWidth(name)
  if (columns - indent < narrowest) return [name.trimEnd(), ...indented(filled(text, columns - below), below)]
  const [first = "", ...rest] = filled(text, columns - indent)
  return [name + first, ...indented(rest, indent)]
}

/** The help with lines of at most `columns`, apart from commands and from words that are longer. */
export const wrapped = (help: string, columns: number): string => {
  let isCommand = false
  return help
    .split("\n")
    .flatMap((line) => {
      if (/^\S/.test(line)) isCommand = hasCommands.test(line)
      return isCommand && !/^\s*\S*# /.test(line) ? [line] : wrappedLine(line, columns)
    })
    .join("\n")
}
