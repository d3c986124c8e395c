/** Where a setting comes from: flag, then `KEYSTATE_*` in the environment, then keystate.toml, then the default. */
import { existsSync, readFileSync } from "node:fs"
import { Config, ConfigProvider, Effect, Option, Redacted } from "effect"
import { CliError, Flag } from "effect/cli"
import { Toml } from "effect/encoding"
import { isAccountId, isRegionId } from "../../domain/ids.ts"
import type { AccountId, RegionId } from "../../domain/ids.ts"
import { defaultSettings, isDeletionWindowMax } from "../../domain/settings.ts"
import type { GivenAccessKey } from "../../authorization/accessKeys.ts"
import type { EngineOptions, RootKeySource } from "../../main.ts"
import { mechanismsOf } from "./hsmMechanisms.ts"
import { named, settingNames } from "./settingNames.ts"
import type { SettingName } from "./settingNames.ts"

export { named } from "./settingNames.ts"

/** What an operator did wrong, in a sentence; the command ends with exit code 1. */
export const userError = (message: string): CliError.UserError =>
  new CliError.UserError({ cause: new Error(message), userMessage: message })

const configFile = "keystate.toml"

/** A misspelt setting would leave its default standing, and nobody the wiser. */
const stranger = (path: string, settings: unknown): CliError.UserError | undefined => {
  const known: ReadonlyArray<string> = settingNames
  const name = Object.keys(settings ?? {}).find((given) => !known.includes(given))
  return name === undefined
    ? undefined
    : userError(
        `The configuration file ${path} sets ${name}, which is not a setting. The settings are ${known.join(", ")}.`
      )
}

/** The settings of the configuration file; none if there is no file and nobody named one. */
const fileSettings = (named: string | undefined): Effect.Effect<unknown, CliError.UserError> => {
  const path = named ?? configFile
  if (named === undefined && !existsSync(path)) return Effect.succeed({})
  return Effect.try({
    try: () => readFileSync(path, "utf8"),
    catch: () => userError(`The configuration file ${path} cannot be read.`)
  }).pipe(
    Effect.flatMap((source) => Effect.fromResult(Toml.parse(source))),
    Effect.flatMap((settings) => {
      const fault = stranger(path, settings)
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

/** A setting's fault in words, where it comes from neither a flag nor an argument: the parser shows its own type there. */
export const inWords = (error: CliError.CliError): CliError.CliError => {
  const expected = error._tag === "InvalidValue" ? /^SchemaError\(([^\n]*)/.exec(error.expected)?.[1] : undefined
  return error._tag !== "InvalidValue" || expected === undefined
    ? error
    : userError(`${error.option} is not valid in the environment or the configuration file. ${expected}.`)
}

/** A flag of text, and the setting it falls back to. */
export const text = (name: string, config: SettingName, about: string) =>
  Flag.String(name).pipe(Flag.withFallbackConfig(Config.String(config)), Flag.withDescription(about))

export const dataFlag = text("data", "data", "Directory the keys live in").pipe(Flag.withDefault(".keystate"))

export const defaultRegion = "cn-hangzhou"

const noMechanisms: ReadonlyArray<string> = []

export const engineFlags = {
  data: dataFlag,
  store: Flag.Literals("store", ["sqlite", "memory"]).pipe(
    Flag.withFallbackConfig(Config.Literals(["sqlite", "memory"], named("store"))),
    Flag.withDescription("Keep keys on disk, or forget them at the end"),
    Flag.withDefault("sqlite")
  ),
  region: text("region", "region", "Region the service stands for").pipe(Flag.withDefault(defaultRegion)),
  account: text("account", "account", "Account the keys belong to").pipe(Flag.withDefault("1000000000000001")),
  clock: Flag.Literals("clock", ["real", "virtual"]).pipe(
    Flag.withFallbackConfig(Config.Literals(["real", "virtual"], named("clock"))),
    Flag.withDescription("Lifecycle time: the machine's, or one you can stop and advance"),
    Flag.withDefault("real")
  ),
  stsClock: Flag.Literals("sts-clock", ["real", "lifecycle"]).pipe(
    Flag.withFallbackConfig(Config.Literals(["real", "lifecycle"], named("stsClock"))),
    Flag.withDescription("What temporary credentials expire by: real time, or a virtual lifecycle clock"),
    Flag.withDefault("real")
  ),
  crypto: Flag.Literals("crypto", ["native", "portable"]).pipe(
    Flag.withFallbackConfig(Config.Literals(["native", "portable"], named("crypto"))),
    Flag.withDescription("Software crypto: node's OpenSSL, or JavaScript"),
    Flag.withDefault("native")
  ),
  hsm: text("hsm", "hsm", "What holds keys of level HSM: simulator, none, or the path of a PKCS#11 module").pipe(
    Flag.withDefault("simulator")
  ),
  hsmToken: text("hsm-token", "hsmToken", "Label of the token, where --hsm is a module").pipe(Flag.optional),
  hsmPinFile: text("hsm-pin-file", "hsmPinFile", "File that holds the token's PIN, readable by its owner only").pipe(
    Flag.optional
  ),
  hsmMechanisms: Flag.String("hsm-mechanism").pipe(
    Flag.atLeast(1),
    Flag.withFallbackConfig(Config.map(Config.String(named("hsmMechanisms")), (text) => [text])),
    Flag.withDescription("What the token numbers SM2 or SM4 with, such as SM4_GCM=0x80000042; once for each number"),
    Flag.withDefault(noMechanisms)
  ),
  deletionWindowMax: Flag.Int("deletion-window-max").pipe(
    Flag.withFallbackConfig(Config.Int(named("deletionWindowMax"))),
    Flag.withDescription("Longest waiting period before a key is deleted, in days: 30 to 366"),
    Flag.withDefault(defaultSettings.deletionWindowMax)
  ),
  audit: Flag.Literals("audit", ["batched", "strict"]).pipe(
    Flag.withFallbackConfig(Config.Literals(["batched", "strict"], named("audit"))),
    Flag.withDescription("Write audit records within 50 ms, or before each answer"),
    Flag.withDefault("batched")
  ),
  rootKey: Flag.Literals("root-key", ["file", "hsm"]).pipe(
    Flag.withFallbackConfig(Config.Literals(["file", "hsm"], named("rootKey"))),
    Flag.withDescription("Where the root key is: in a file, or sealed under a key of the token of --hsm"),
    Flag.withDefault("file")
  ),
  rootKeyFile: text("root-key-file", "rootKeyFile", "Root key file; made in the data directory if absent").pipe(
    Flag.optional
  ),
  passphraseFile: text(
    "passphrase-file",
    "passphraseFile",
    "Derive the root key from the passphrase in this file"
  ).pipe(Flag.optional)
} as const

export interface EngineSettings {
  readonly data: string
  readonly store: "sqlite" | "memory"
  readonly region: string
  readonly account: string
  readonly clock: "real" | "virtual"
  readonly stsClock: "real" | "lifecycle"
  readonly crypto: "native" | "portable"
  /** `none`, `simulator`, or the path of a module. */
  readonly hsm: string
  readonly hsmToken: Option.Option<string>
  readonly hsmPinFile: Option.Option<string>
  readonly hsmMechanisms: ReadonlyArray<string>
  readonly audit: "batched" | "strict"
  readonly deletionWindowMax: number
  readonly rootKey: "file" | "hsm"
  readonly rootKeyFile: Option.Option<string>
  readonly passphraseFile: Option.Option<string>
}

const rootKeyOf = (settings: EngineSettings): Effect.Effect<RootKeySource | undefined, CliError.UserError> => {
  const isNamed = Option.isSome(settings.passphraseFile) || Option.isSome(settings.rootKeyFile)
  if (settings.rootKey === "hsm") {
    return isNamed
      ? Effect.fail(userError("--root-key hsm goes with neither --root-key-file nor --passphrase-file."))
      : Effect.succeed({ kind: "hsm" })
  }
  if (Option.isSome(settings.passphraseFile)) {
    const path = settings.passphraseFile.value
    return Effect.try({
      try: () => readFileSync(path, "utf8").replace(/\r?\n$/, ""),
      catch: () => userError(`The passphrase file ${path} cannot be read.`)
    }).pipe(
      Effect.flatMap((passphrase) =>
        passphrase.length === 0
          ? Effect.fail(userError(`The passphrase file ${path} is empty.`))
          : Effect.succeed({ kind: "passphrase", passphrase: Redacted.make(passphrase) } as const)
      )
    )
  }
  return Effect.succeed(
    Option.isSome(settings.rootKeyFile) ? { kind: "file", path: settings.rootKeyFile.value } : undefined
  )
}

const hsmOf = (settings: EngineSettings): Effect.Effect<EngineOptions["hsm"], CliError.UserError> => {
  const { hsm: module, hsmToken, hsmPinFile } = settings
  const mechanisms = mechanismsOf(settings.hsmMechanisms)
  if (typeof mechanisms === "string") return Effect.fail(userError(mechanisms))
  if (module === "none" || module === "simulator") return Effect.succeed(module)
  if (!existsSync(module)) {
    return Effect.fail(userError(`--hsm takes simulator, none, or the path of a PKCS#11 module; ${module} is no file.`))
  }
  return Option.isSome(hsmToken) && Option.isSome(hsmPinFile)
    ? Effect.succeed({ module, label: hsmToken.value, pinFile: hsmPinFile.value, mechanisms })
    : Effect.fail(userError(`--hsm ${module} needs --hsm-token LABEL and --hsm-pin-file FILE.`))
}

/** The vendor's own variables, so that tools set up for the service need nothing else. */
export const accessKeyFrom = (
  environment: Readonly<Record<string, string | undefined>>
): Effect.Effect<GivenAccessKey | undefined, CliError.UserError> => {
  const accessKeyId = environment["ALIBABA_CLOUD_ACCESS_KEY_ID"]
  const secret = environment["ALIBABA_CLOUD_ACCESS_KEY_SECRET"]
  if (accessKeyId === undefined && secret === undefined) return Effect.succeed(undefined)
  return accessKeyId === undefined || accessKeyId === "" || secret === undefined || secret === ""
    ? Effect.fail(
        userError("Set both ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET, or neither of them.")
      )
    : Effect.succeed({ accessKeyId, secret: Redacted.make(secret, { label: "AccessKeySecret" }) })
}

export const realmOf = (
  settings: Pick<EngineSettings, "account" | "region">
): Effect.Effect<{ account: AccountId; region: RegionId }, CliError.UserError> => {
  const { account, region } = settings
  if (!isAccountId(account)) return Effect.fail(userError(`--account takes up to 16 digits, not "${account}".`))
  return isRegionId(region)
    ? Effect.succeed({ account, region })
    : Effect.fail(userError(`--region takes a region id such as cn-hangzhou, not "${region}".`))
}

const deletionWindowMaxOf = ({ deletionWindowMax }: EngineSettings): Effect.Effect<number, CliError.UserError> =>
  isDeletionWindowMax(deletionWindowMax)
    ? Effect.succeed(deletionWindowMax)
    : Effect.fail(userError(`--deletion-window-max takes 30 to 366 days, not ${deletionWindowMax}.`))

const stsClockOf = ({
  clock,
  stsClock
}: EngineSettings): Effect.Effect<EngineSettings["stsClock"], CliError.UserError> =>
  stsClock === "lifecycle" && clock === "real"
    ? Effect.fail(userError("--sts-clock lifecycle needs --clock virtual: a real clock cannot be moved."))
    : Effect.succeed(stsClock)

/** Engine options of one start. */
export const engineOptions = Effect.fn("settings.engineOptions")(function* (
  settings: EngineSettings,
  environment: Readonly<Record<string, string | undefined>>
) {
  const options: EngineOptions = {
    realm: yield* realmOf(settings),
    // Only `serve` makes a store: a mistyped directory is refused by every other command.
    store: settings.store === "memory" ? "memory" : { directory: settings.data, create: false },
    clock: settings.clock === "virtual" ? { mode: "running", offsetMillis: 0 } : "real",
    stsClock: yield* stsClockOf(settings),
    crypto: settings.crypto,
    hsm: yield* hsmOf(settings),
    audit: settings.audit,
    rootKey: yield* rootKeyOf(settings),
    accessKey: yield* accessKeyFrom(environment),
    seed: undefined,
    fixtures: undefined,
    deletionWindowMax: yield* deletionWindowMaxOf(settings),
    failpoints: undefined,
    randomness: undefined
  }
  return options
})
