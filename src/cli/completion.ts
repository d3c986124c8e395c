/** Shell completions: a short script that calls the command, and the command's answer. */
import { Completions } from "effect/cli"
import type { Command } from "effect/cli"
import { formats } from "./output/style.ts"

type Descriptor = Completions.CommandDescriptor

/** The words up to the cursor follow `--complete`. The last word is incomplete and may be empty. */
const scripts: Readonly<Record<string, string>> = {
  bash: `_keystate() {
  local IFS=$'\\n'
  COMPREPLY=($(keystate --complete "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _keystate keystate
`,
  zsh: `#compdef keystate
_keystate() {
  local -a found
  found=("\${(@f)$(keystate --complete "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  if [[ -n "\${found[1]}" ]]; then compadd -- "\${found[@]}"; else _files; fi
}
compdef _keystate keystate
`,
  fish: `function __keystate
  set --local words (commandline --tokenize --cut-at-cursor --current-process) (commandline --current-token --cut-at-cursor)
  keystate --complete $words[2..-1] 2>/dev/null
end
complete --command keystate --arguments '(__keystate)'
`
}

/** The script for a shell; undefined for shells without one. */
export const completionScript = (shell: string): string | undefined => scripts[shell]

const descend = (from: Descriptor, words: ReadonlyArray<string>): Descriptor =>
  words.reduce((found, word) => found.subcommands.find(({ name }) => name === word) ?? found, from)

/** Flags of every command, which the command's descriptor omits. */
const ofEvery = ["--output", "--quiet", "--help"]

const flagsOf = ({ flags }: Descriptor): ReadonlyArray<string> => [...flags.map(({ name }) => `--${name}`), ...ofEvery]

/** The possible values of a flag; undefined if the word before the cursor is not a flag with listed values. */
const choicesAfter = ({ flags }: Descriptor, before: string | undefined): ReadonlyArray<string> | undefined => {
  if (before === "--output") return formats
  const type = flags.find(({ name }) => `--${name}` === before)?.type
  return type?._tag === "Choice" ? type.values : undefined
}

/** The candidates for the last word. */
export const candidates = (command: Command.Command.Any, words: ReadonlyArray<string>): ReadonlyArray<string> => {
  const begun = words.at(-1) ?? ""
  const found = descend(Completions.fromCommand(command), words.slice(0, -1))
  const choices = choicesAfter(found, words.at(-2))
  const names = begun.startsWith("-") ? flagsOf(found) : found.subcommands.map(({ name }) => name)
  return (choices ?? names).filter((name) => name.startsWith(begun))
}
