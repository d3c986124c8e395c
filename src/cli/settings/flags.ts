/** Flags whose default comes from the environment or keystate.toml. */
import { Config } from "effect"
import { Flag } from "effect/cli"
import type { SettingName } from "./settingNames.ts"

/** A flag of the command line, and its setting. */
interface Source {
  readonly flag: string
  readonly setting: SettingName
  readonly about: string
}

const withDefaultIn = (about: string, otherwise: string | number): string => `${about} (default: ${otherwise})`

export const optionalText = ({ flag, setting, about }: Source) =>
  Flag.String(flag).pipe(Flag.withFallbackConfig(Config.String(setting)), Flag.withDescription(about), Flag.optional)

export const text = ({ flag, setting, about }: Source, otherwise: string) =>
  Flag.String(flag).pipe(
    Flag.withFallbackConfig(Config.String(setting)),
    Flag.withDescription(withDefaultIn(about, otherwise)),
    Flag.withDefault(otherwise)
  )

export const whole = ({ flag, setting, about }: Source, otherwise: number) =>
  Flag.Int(flag).pipe(
    Flag.withFallbackConfig(Config.Int(setting)),
    Flag.withDescription(withDefaultIn(about, otherwise)),
    Flag.withDefault(otherwise)
  )

export const optionalWhole = ({ flag, setting, about }: Source) =>
  Flag.Int(flag).pipe(Flag.withFallbackConfig(Config.Int(setting)), Flag.withDescription(about), Flag.optional)

/** A choice of words; the first is the default. */
export const choice = <const Words extends readonly [string, ...ReadonlyArray<string>]>(
  { flag, setting, about }: Source,
  words: Words
) =>
  Flag.Literals(flag, words).pipe(
    Flag.withFallbackConfig(Config.Literals(words, setting)),
    Flag.withDescription(withDefaultIn(about, words[0])),
    Flag.withDefault<Words[number]>(words[0])
  )

const none: ReadonlyArray<string> = []

/** A flag that may be repeated. A setting contains all its values in one text. */
export const several = ({ flag, setting, about }: Source) =>
  Flag.String(flag).pipe(
    Flag.atLeast(1),
    Flag.withFallbackConfig(Config.map(Config.String(setting), (values) => [values])),
    Flag.withDescription(`${about}; may be given several times`),
    Flag.withDefault(none)
  )

export const yes = ({ flag, setting, about }: Source) =>
  Flag.Boolean(flag).pipe(
    Flag.withFallbackConfig(Config.Boolean(setting)),
    Flag.withDescription(about),
    Flag.withDefault(false)
  )

export const jsonFlag = Flag.Boolean("json").pipe(
  Flag.withDescription("The same as --output json"),
  Flag.withDefault(false)
)
