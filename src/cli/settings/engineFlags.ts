/** The flags of every command that opens a data directory. */
import { Option } from "effect"
import { Flag } from "effect/cli"
import type { Command } from "effect/cli"
import { aliasesPerRealmMax, keysPerRealmMax, versionsPerKeyMax } from "../../domain/limits.ts"
import { documentedRates } from "../../domain/quotas.ts"
import { defaultSettings } from "../../domain/settings.ts"
import { choice, optionalText, several, text, whole } from "./flags.ts"

export const dataFlag = text({ flag: "data", setting: "data", about: "Directory of the keys" }, ".keystate")

export const defaultRegion = "cn-hangzhou"

export const defaultAccount = "1000000000000001"

export const endpointFlag = (about: string) => optionalText({ flag: "endpoint", setting: "endpoint", about })

/** The connection to a database. */
const connectionFlags = {
  storePasswordFile: optionalText({
    flag: "store-password-file",
    setting: "storePasswordFile",
    about: "File with the password of the database"
  }),
  storeTls: choice(
    {
      flag: "store-tls",
      setting: "storeTls",
      about: "Connection to the database: encrypted with a verified certificate, encrypted only, or neither"
    },
    ["verify-full", "require", "off"]
  ),
  storeCaFile: optionalText({
    flag: "store-ca-file",
    setting: "storeCaFile",
    about: "PEM file of the authority that signs the certificate of the database"
  })
} as const

/** The location of the store of a command that makes or opens one. */
const storeFlags = {
  store: text(
    {
      flag: "store",
      setting: "store",
      about: "Where keys are kept: sqlite, memory, or postgres://user@host/database, which any number of servers share"
    },
    "sqlite"
  ),
  ...connectionFlags
} as const

/** The location of the store of a command that needs stored keys: memory has none. */
export const keptStoreFlags = {
  store: text(
    { flag: "store", setting: "store", about: "Where keys are kept: sqlite, or postgres://user@host/database" },
    "sqlite"
  ),
  ...connectionFlags
} as const

/** The location of the store of a command for databases alone. */
export const databaseFlags = {
  store: Flag.map(
    optionalText({ flag: "store", setting: "store", about: "The database: postgres://user@host/database" }),
    Option.getOrElse(() => "")
  ),
  ...connectionFlags
} as const

export const accountFlag = text(
  { flag: "account", setting: "account", about: "Account that owns the keys" },
  defaultAccount
)

export const engineFlags = {
  data: dataFlag,
  ...storeFlags,
  region: text({ flag: "region", setting: "region", about: "Region of the service" }, defaultRegion),
  account: accountFlag,
  clock: choice(
    {
      flag: "clock",
      setting: "clock",
      about: "Lifecycle time: real time, or a virtual clock you can stop and advance"
    },
    ["real", "virtual"]
  ),
  stsClock: choice({ flag: "sts-clock", setting: "stsClock", about: "Time by which temporary credentials expire" }, [
    "real",
    "lifecycle"
  ]),
  crypto: choice(
    { flag: "crypto", setting: "crypto", about: "Software cryptography: OpenSSL of Node, or JavaScript" },
    ["native", "portable"]
  ),
  hsm: text(
    { flag: "hsm", setting: "hsm", about: "Provider of HSM keys: simulator, none, or the path of a PKCS#11 module" },
    "simulator"
  ),
  hsmToken: optionalText({ flag: "hsm-token", setting: "hsmToken", about: "Label of the token of a PKCS#11 module" }),
  hsmPinFile: optionalText({
    flag: "hsm-pin-file",
    setting: "hsmPinFile",
    about: "File with the token's PIN; only its owner may read it"
  }),
  hsmMechanisms: several({
    flag: "hsm-mechanism",
    setting: "hsmMechanisms",
    about: "Mechanism number of the token for SM2 or SM4, such as SM4_GCM=0x80000042"
  }),
  deletionWindowMax: whole(
    {
      flag: "deletion-window-max",
      setting: "deletionWindowMax",
      about: "Longest waiting period before a key is deleted, in days: 30 to 366"
    },
    defaultSettings.deletionWindowMax
  ),
  quotas: several({
    flag: "quota",
    setting: "quotas",
    about: `What an account may hold in a region, such as keys=5000: keys (default: ${keysPerRealmMax}), aliases (default: ${aliasesPerRealmMax}), versions of each asymmetric key (default: ${versionsPerKeyMax})`
  }),
  requestQuotas: several({
    flag: "request-quota",
    setting: "requestQuotas",
    about: `Calls of an account in a second: documented, or a class and a number, such as symmetric=5. The classes are ${Object.keys(documentedRates).join(", ")} (default: no limit)`
  }),
  audit: choice({ flag: "audit", setting: "audit", about: "Write audit records within 50 ms, or before each answer" }, [
    "batched",
    "strict"
  ]),
  rootKey: choice(
    { flag: "root-key", setting: "rootKey", about: "Root key: in a file, or sealed under a key of the token of --hsm" },
    ["file", "hsm"]
  ),
  rootKeyFile: optionalText({
    flag: "root-key-file",
    setting: "rootKeyFile",
    about: "Root key file (default: root.key in the data directory)"
  }),
  passphraseFile: optionalText({
    flag: "passphrase-file",
    setting: "passphraseFile",
    about: "Derive the root key from the passphrase in this file"
  })
} as const

/** The flags of a command that opens sealed secrets of a store. Calls, and the settings of calls, play no part in it. */
export const storedFlags = {
  data: dataFlag,
  ...keptStoreFlags,
  crypto: engineFlags.crypto,
  hsm: engineFlags.hsm,
  hsmToken: engineFlags.hsmToken,
  hsmPinFile: engineFlags.hsmPinFile,
  hsmMechanisms: engineFlags.hsmMechanisms,
  rootKey: engineFlags.rootKey,
  rootKeyFile: engineFlags.rootKeyFile,
  passphraseFile: engineFlags.passphraseFile
} as const

export type EngineSettings = Command.Command.Config.Infer<typeof engineFlags>
