/** The names of the settings. */

/** Every name that keystate.toml may hold; in the environment `rootKeyFile` is `KEYSTATE_ROOT_KEY_FILE`. */
export const settingNames = [
  "account",
  "audit",
  "allowedHosts",
  "clock",
  "connectionsPerAddress",
  "crypto",
  "data",
  "deletionWindowMax",
  "endpoint",
  "host",
  "hsm",
  "hsmMechanisms",
  "hsmPinFile",
  "hsmToken",
  "json",
  "passphraseFile",
  "port",
  "region",
  "rootKey",
  "rootKeyFile",
  "seed",
  "store",
  "storeCaFile",
  "storePasswordFile",
  "storeTls",
  "stsClock",
  "tls",
  "tlsCert",
  "tlsClientCa",
  "tlsDirectory",
  "tlsKey",
  "tlsPort",
  "trustedProxies"
] as const
export type SettingName = (typeof settingNames)[number]
