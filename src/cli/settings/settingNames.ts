/** The names of the settings. */

/** Every name that keystate.toml may contain. In the environment, `rootKeyFile` is `KEYSTATE_ROOT_KEY_FILE`. */
export const settingNames = [
  "accessLog",
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
  "logFormat",
  "logLevel",
  "monitoringPort",
  "node",
  "otlp",
  "passphraseFile",
  "port",
  "quotas",
  "region",
  "requestQuotas",
  "rootKey",
  "rootKeyFile",
  "seed",
  "store",
  "storeCaFile",
  "storePasswordFile",
  "storeTls",
  "storeWait",
  "stsClock",
  "tls",
  "tlsCert",
  "tlsClientCa",
  "tlsDirectory",
  "tlsKey",
  "tlsPort",
  "trustedProxies",
  "workers"
] as const
export type SettingName = (typeof settingNames)[number]

/** `rootKeyFile` as `root-key-file`. */
export const dashed = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

/** A flag for a setting with several values has the singular name. */
export const flagOf = (name: string): string =>
  `--${dashed(name)
    .replace(/(quota|host|mechanism)s$/, "$1")
    .replace(/proxies$/, "proxy")}`
