/** The origin of a setting: flag, then `KEYSTATE_*` in the environment, then keystate.toml, then the default. */
import { existsSync, readFileSync } from "node:fs"
import { ConfigProvider, Effect } from "effect"
import { CliError } from "effect/cli"
import { Toml } from "effect/encoding"
import { nearest, suggestion } from "../../domain/nearest.ts"
import { formats } from "../output/style.ts"
import { userError } from "../output/userError.ts"
import { settingNames } from "./settingNames.ts"

export const configFile = "keystate.toml"

/** Refuses unknown settings: a misspelt name would otherwise be ignored. */
const unknownSetting = (path: string, settings: unknown): CliError.UserError | undefined => {
  const known: ReadonlyArray<string> = settingNames
  const name = Object.keys(settings ?? {}).find((given) => !known.includes(given))
  return name === undefined
    ? undefined
    : userError(`The configuration file ${path} sets ${name}, which is not a setting. ${suggestion(name, known)}`)
}

/** The settings of the configuration file. Without a named file, keystate.toml is read if it exists. */
export const fileSettings = (named: string | undefined): Effect.Effect<unknown, CliError.UserError> => {
  const path = named ?? configFile
  if (named === undefined && !existsSync(path)) return Effect.succeed({})
  return Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: () => userError(`The configuration file ${path} cannot be read.`)
  }).pipe(
    Effect.flatMap((source) => Effect.fromResult(Toml.parse(source))),
    Effect.flatMap((settings) => {
      const fault = unknownSetting(path, settings)
      return fault === undefined ? Effect.succeed(settings) : Effect.fail(fault)
    }),
    Effect.catchTag("EncodingError", (error) =>
      Effect.fail(userError(`The configuration file ${path} is not TOML: ${error.message}`))
    )
  )
}

/** The environment and the configuration file, for every command. */
export const provider = (
  environment: Readonly<Record<string, string | undefined>>
): Effect.Effect<ConfigProvider.ConfigProvider, CliError.UserError> => {
  const given = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
  )
  const fromEnvironment = ConfigProvider.fromEnv({ env: given }).pipe(
    ConfigProvider.constantCase,
    ConfigProvider.nested("KEYSTATE")
  )
  return Effect.map(fileSettings(environment["KEYSTATE_CONFIG"] || undefined), (settings) =>
    ConfigProvider.orElse(fromEnvironment, ConfigProvider.fromUnknown(settings))
  )
}

/** A choice of the parser, `"core" | "import"`, as a list. */
const choicesIn = (expected: string): string => expected.replaceAll('"', "").replaceAll(" | ", ", ")

/** The parser's sentence about a value, in the words of the other messages. */
const valueInWords = ({ expected, kind, option, value }: CliError.InvalidValue): string | undefined => {
  const fault = /^SchemaError\(([^\n]*)/.exec(expected)?.[1]
  if (fault !== undefined) return `${option} is not valid in the environment or the configuration file. ${fault}.`
  if (option === "output") return `--output takes ${formats.join(", ")}, not "${value}". -o names a file.`
  if (kind === "argument") return undefined
  if (value === "") return `--${option} needs a value${expected.includes("|") ? `: ${choicesIn(expected)}` : ""}.`
  if (/finite number|integer/.test(expected)) return `--${option} takes a whole number, not "${value}".`
  return expected.includes("|") ? `--${option} takes ${choicesIn(expected)}, not "${value}".` : undefined
}

/** The parser suggests only flags of the command. Every command accepts these as well. */
const flagsOfAll = ["--output", "--quiet", "--help", "--version"]

/** Replaces errors of the parser by sentences with more advice. */
export const inWords = (error: CliError.CliError): CliError.CliError => {
  if (error._tag === "UnrecognizedOption" && error.suggestions.length === 0) {
    const meant = nearest(error.option, flagsOfAll)
    return meant === undefined || !error.option.startsWith("--")
      ? error
      : new CliError.UnrecognizedOption({ ...error, suggestions: [meant] })
  }
  const sentence = error._tag === "InvalidValue" ? valueInWords(error) : undefined
  return sentence === undefined ? error : userError(sentence)
}
