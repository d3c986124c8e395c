/** docs/command-line.md, generated from the commands, their flags and the settings. */
import { ConfigProvider, Effect, Layer, Option } from "effect"
import { CliOutput, Command } from "effect/cli"
import type { HelpDoc } from "effect/cli"
import { commands, keystateFor, layer } from "../../cli/commands.ts"
import { settingNames } from "../../cli/settings/settingNames.ts"
import type { SettingName } from "../../cli/settings/settingNames.ts"

/** The help of a command, as data. */
const helpOf = async (words: ReadonlyArray<string>): Promise<HelpDoc.HelpDoc> => {
  const found: Array<HelpDoc.HelpDoc> = []
  const presenter = CliOutput.layerPresenter({
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") found.push(event.helpDoc)
      })
  })
  const keystate = await keystateFor(words)
  const run = Command.runWith(keystate, { version: "" })([...words, "--help"])
  await Effect.runPromise(
    run.pipe(
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
      Effect.provide(Layer.merge(layer, presenter))
    )
  )
  const [help] = found
  if (help === undefined) throw new Error(`keystate ${words.join(" ")} has no help`)
  return help
}

/** Their subcommands are operations, which have their own pages. */
const operationPages: Readonly<Record<string, string>> = {
  kms: "Each operation of [the KMS API](operations.md) is a subcommand, and each parameter a flag.",
  ram: "Each operation of [RAM and STS](ram-operations.md) is a subcommand of its subject, and each parameter a flag."
}

const subcommandsOf = (help: HelpDoc.HelpDoc): ReadonlyArray<string> =>
  (help.subcommands ?? []).flatMap((group) => group.commands.map((command) => command.name))

interface Documented {
  readonly words: ReadonlyArray<string>
  readonly help: HelpDoc.HelpDoc
}

/** A command and everything below it. */
const documented = async (words: ReadonlyArray<string>): Promise<ReadonlyArray<Documented>> => {
  const help = await helpOf(words)
  const below = operationPages[words[0] ?? ""] === undefined ? subcommandsOf(help) : []
  const nested = await Promise.all(below.map((name) => documented([...words, name])))
  return [{ words, help }, ...nested.flat()]
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("<", "&lt;")

const aboutOf = (flag: HelpDoc.FlagDoc): string => Option.getOrElse(flag.description, () => "")

const withNeed = (about: string, isRequired: boolean): string =>
  [about, isRequired ? "required" : ""].filter((piece) => piece !== "").join("; ")

const valueOf = ({ type }: HelpDoc.FlagDoc): string => (type === "boolean" ? "" : type)

const flagRows = (flags: ReadonlyArray<HelpDoc.FlagDoc>): string =>
  flags
    .map((flag) => {
      const names = [`--${flag.name}`, ...flag.aliases].map((name) => `\`${name}\``).join(", ")
      return `| ${names} | ${cell(valueOf(flag))} | ${cell(withNeed(aboutOf(flag), flag.required))} |`
    })
    .join("\n")

const flagTable = (flags: ReadonlyArray<HelpDoc.FlagDoc>): string =>
  flags.length === 0 ? "" : `| flag | value | |\n|---|---|---|\n${flagRows(flags)}\n`

const identity = (flag: HelpDoc.FlagDoc): string => `${flag.name}\n${flag.type}\n${aboutOf(flag)}`

/** Flags that at least this many commands have are described once. */
const sharedFrom = 4

const sharedFlags = (all: ReadonlyArray<Documented>): ReadonlyMap<string, HelpDoc.FlagDoc> => {
  const counts = new Map<string, { readonly flag: HelpDoc.FlagDoc; count: number }>()
  for (const { help } of all) {
    for (const flag of help.flags) {
      const entry = counts.get(identity(flag)) ?? { flag, count: 0 }
      entry.count++
      counts.set(identity(flag), entry)
    }
  }
  return new Map([...counts].flatMap(([id, { flag, count }]) => (count < sharedFrom ? [] : [[id, flag] as const])))
}

const argumentsOf = (help: HelpDoc.HelpDoc): string => {
  const rows = (help.args ?? []).map(
    ({ name, description, required }) =>
      `| \`${name}\` | ${cell(
        withNeed(
          Option.getOrElse(description, () => ""),
          required
        )
      )} |`
  )
  return rows.length === 0 ? "" : `| argument | |\n|---|---|\n${rows.join("\n")}\n`
}

const examplesOf = (help: HelpDoc.HelpDoc): string => {
  const lines = (help.examples ?? []).map(({ command, description }) => {
    const about = description === undefined ? "" : `   # ${description}`
    return `${command}${about}`
  })
  return lines.length === 0 ? "" : `\`\`\`console\n${lines.join("\n")}\n\`\`\`\n`
}

const sentence = (text: string): string => (/[.?!]$/.test(text) ? text : `${text}.`)

const section = ({ words, help }: Documented, shared: ReadonlyMap<string, unknown>): string => {
  const own = help.flags.filter((flag) => !shared.has(identity(flag)))
  const others = help.flags.filter((flag) => shared.has(identity(flag))).map(({ name }) => `\`--${name}\``)
  const common = others.length === 0 ? "" : `[Shared flags](#shared-flags): ${others.join(", ")}.\n`
  const parts = [
    `${"#".repeat(words.length + 1)} keystate ${words.join(" ")}\n`,
    `${sentence(help.description)} ${operationPages[words[0] ?? ""] ?? ""}`.trim().concat("\n"),
    `\`\`\`console\n${help.usage}\n\`\`\`\n`,
    argumentsOf(help),
    flagTable(own),
    common,
    examplesOf(help)
  ]
  return parts.filter((part) => part !== "").join("\n")
}

const kebab = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** A setting with several values has a plural name, and its flag a singular one. */
const flagOfSetting = (name: SettingName, flags: ReadonlySet<string>): string => {
  const plural = kebab(name)
  const found = [plural, plural.replace(/ies$/, "y"), plural.replace(/es$/, ""), plural.replace(/s$/, "")].find(
    (flag) => flags.has(flag)
  )
  if (found === undefined) throw new Error(`the setting ${name} has no flag`)
  return found
}

const settingsTable = (all: ReadonlyArray<Documented>): string => {
  const flags = new Set(all.flatMap(({ help }) => help.flags.map(({ name }) => name)))
  const rows = settingNames.map((name) => {
    const variable = `KEYSTATE_${kebab(name).replaceAll("-", "_").toUpperCase()}`
    return `| \`${name}\` | \`${variable}\` | \`--${flagOfSetting(name, flags)}\` |`
  })
  return `| in keystate.toml | in the environment | flag |\n|---|---|---|\n${rows.join("\n")}\n`
}

const intro = `# Command line

Generated from \`src/cli/\` by \`npm run docs\`; do not edit.

In a clone, write \`npm run -s keystate --\` in place of \`keystate\`. \`keystate COMMAND --help\` prints the same texts.

A command writes its result to standard output, and everything else to standard error. It ends with 0 if it succeeded, with 130
after Ctrl-C, and with another code if it failed.

\`--output table\`, \`json\` or \`jsonl\` chooses the format of every result, and \`--quiet\` leaves out notes and progress:
[output of commands](command-output.md).
`

const settingsIntro = `## Settings

Most flags can also be set in the environment or in a file. A flag takes precedence over the environment, and the environment
over the file. The file is \`keystate.toml\` in the current directory, or the file that \`KEYSTATE_CONFIG\` names. An unknown
name in the file is an error. \`ALIBABA_CLOUD_ACCESS_KEY_ID\`, \`ALIBABA_CLOUD_ACCESS_KEY_SECRET\` and
\`ALIBABA_CLOUD_SECURITY_TOKEN\` hold the access key that a command signs its calls with.
`

export const generateCommandLinePage = async (): Promise<string> => {
  const all = (await Promise.all(Object.keys(commands).map((name) => documented([name])))).flat()
  const shared = sharedFlags(all)
  const sections = all.map((entry) => section(entry, shared))
  const common = `## Shared flags\n\n${flagTable([...shared.values()])}`
  return [intro, ...sections, common, settingsIntro, settingsTable(all)].join("\n")
}
