/** Converts settings to engine options, and checks each. */
import { existsSync } from "node:fs"
import { Effect, Option, Redacted } from "effect"
import type { CliError } from "effect/cli"
import { isAccountId, isRegionId } from "../../domain/ids.ts"
import type { AccountId, RegionId } from "../../domain/ids.ts"
import { documentedRates, numbersIn, quotaFault, rateFault } from "../../domain/quotas.ts"
import type { Quotas, RequestRates } from "../../domain/quotas.ts"
import { defaultSettings, isDeletionWindowMax } from "../../domain/settings.ts"
import type { EngineOptions, RootKeySource } from "../../main.ts"
import { readText } from "../output/input.ts"
import { userError } from "../output/userError.ts"
import { accessKeyFrom } from "./accessKey.ts"
import { defaultAccount, defaultRegion } from "./engineFlags.ts"
import type { EngineSettings } from "./engineFlags.ts"
import { mechanismsOf } from "./hsmMechanisms.ts"
import { storeKind, storeOf } from "./storeOptions.ts"
import type { Serving } from "./storeOptions.ts"

const needsRootKey = userError(
  "A PostgreSQL store needs --root-key-file, --passphrase-file or --root-key hsm. " +
    "Every server on it uses the same root key."
)

/** The passphrase in a file, without the final line end. */
export const passphraseIn = (path: string): Effect.Effect<Redacted.Redacted<string>, CliError.UserError> =>
  readText(path, `The passphrase file ${path}`).pipe(
    Effect.map((written) => written.replace(/\r?\n$/, "")),
    Effect.flatMap((passphrase) =>
      passphrase.length === 0
        ? Effect.fail(userError(`The passphrase file ${path} is empty.`))
        : Effect.succeed(Redacted.make(passphrase))
    )
  )

const rootKeyOf = (settings: EngineSettings): Effect.Effect<RootKeySource | undefined, CliError.UserError> => {
  const isNamed = Option.isSome(settings.passphraseFile) || Option.isSome(settings.rootKeyFile)
  if (settings.rootKey === "hsm") {
    if (isNamed) {
      return Effect.fail(userError("--root-key hsm cannot be combined with --root-key-file or --passphrase-file."))
    }
    return settings.hsm === "simulator" || settings.hsm === "none"
      ? Effect.fail(userError("--root-key hsm needs a token: --hsm MODULE, --hsm-token LABEL and --hsm-pin-file FILE."))
      : Effect.succeed({ kind: "hsm" })
  }
  if (Option.isSome(settings.passphraseFile)) {
    return Effect.map(passphraseIn(settings.passphraseFile.value), (passphrase) => ({ kind: "passphrase", passphrase }))
  }
  if (Option.isSome(settings.rootKeyFile)) return Effect.succeed({ kind: "file", path: settings.rootKeyFile.value })
  return storeKind(settings.store) === "postgres" ? Effect.fail(needsRootKey) : Effect.succeed(undefined)
}

const hsmOf = (settings: EngineSettings): Effect.Effect<EngineOptions["hsm"], CliError.UserError> => {
  const { hsm: module, hsmToken, hsmPinFile } = settings
  const mechanisms = mechanismsOf(settings.hsmMechanisms)
  if (typeof mechanisms === "string") return Effect.fail(userError(mechanisms))
  if (module === "none" || module === "simulator") return Effect.succeed(module)
  if (!existsSync(module)) {
    return Effect.fail(
      userError(`--hsm takes simulator, none or the path of a PKCS#11 module. There is no file ${module}.`)
    )
  }
  return Option.isSome(hsmToken) && Option.isSome(hsmPinFile)
    ? Effect.succeed({ module, label: hsmToken.value, pinFile: hsmPinFile.value, mechanisms })
    : Effect.fail(userError(`--hsm ${module} needs --hsm-token LABEL and --hsm-pin-file FILE.`))
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

/** Splits a setting with several values; the environment and the file separate them by commas. */
export const listed = (given: ReadonlyArray<string>): ReadonlyArray<string> =>
  given.flatMap((text) => text.split(",").map((part) => part.trim())).filter((part) => part !== "")

const quotasOf = ({ quotas }: EngineSettings): Effect.Effect<Partial<Quotas>, CliError.UserError> => {
  const given = numbersIn(listed(quotas))
  const fault = quotaFault(given)
  return fault === undefined ? Effect.succeed(given) : Effect.fail(userError(`--quota: ${fault}`))
}

const requestRatesOf = ({ requestQuotas }: EngineSettings): Effect.Effect<RequestRates, CliError.UserError> => {
  const texts = listed(requestQuotas)
  const given = numbersIn(texts.filter((text) => text !== "documented"))
  const fault = rateFault(given)
  if (fault !== undefined) return Effect.fail(userError(`--request-quota: ${fault}`))
  return Effect.succeed(texts.includes("documented") ? { ...documentedRates, ...given } : given)
}

/** Engine options of one start. */
export const engineOptions = Effect.fn("settings.engineOptions")(function* (
  settings: EngineSettings,
  environment: Readonly<Record<string, string | undefined>>,
  serving?: Serving
) {
  const options: EngineOptions = {
    realm: yield* realmOf(settings),
    // Only `serve` creates a store; every other command refuses a mistyped directory.
    store: yield* storeOf(settings, serving),
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
    quotas: yield* quotasOf(settings),
    requestQuotas: yield* requestRatesOf(settings),
    failpoints: undefined,
    randomness: undefined
  }
  return options
})

/** The settings of calls, for a command that performs none. */
const withoutCalls = {
  region: defaultRegion,
  account: defaultAccount,
  clock: "real",
  stsClock: "real",
  quotas: [],
  requestQuotas: [],
  deletionWindowMax: defaultSettings.deletionWindowMax,
  audit: "batched"
} as const

export type StoredSettings = Omit<EngineSettings, keyof typeof withoutCalls>

/** Engine options of a command that opens a store and performs no call. */
export const storedOptions = (settings: StoredSettings, environment: Readonly<Record<string, string | undefined>>) =>
  engineOptions({ ...settings, ...withoutCalls }, environment)
