/** The origin of a setting: flag, then `KEYSTATE_*` in the environment, then keystate.toml, then the default. */
import { existsSync, readFileSync } from "node:fs"
import { ConfigProvider, Effect } from "effect"
import type { CliError } from "effect/cli"
import { Toml } from "effect/encoding"
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
    : userError(
        `The configuration file ${path} sets ${name}, which is not a setting. The settings are ${known.join(", ")}.`
      )
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

/** Replaces the parser's own error for an invalid value from the environment or the file. */
export const inWords = (error: CliError.CliError): CliError.CliError => {
  const expected = error._tag === "InvalidValue" ? /^SchemaError\(([^\n]*)/.exec(error.expected)?.[1] : undefined
  if (error._tag === "InvalidValue" && error.option === "output") {
    return userError(`--output takes ${formats.join(", ")}, not "${error.value}". -o names a file.`)
  }
  if (error._tag === "InvalidValue" && expected === undefined && /finite number|integer/.test(error.expected)) {
    return userError(`--${error.option} takes a whole number, not "${error.value}".`)
  }
  return error._tag !== "InvalidValue" || expected === undefined
    ? error
    : userError(`${error.option} is not valid in the environment or the configuration file. ${expected}.`)
}
