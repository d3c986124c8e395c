/** The flags of `serve`. */
import type { Command } from "effect/cli"
import { connectionsPerAddressDefault, storeWaitSeconds, workersDefaultMax } from "../../domain/limits.ts"
import { engineFlags } from "../settings/engineFlags.ts"
import { choice, optionalText, optionalWhole, several, text, whole, yes } from "../settings/flags.ts"

const tlsFlags = {
  tls: choice(
    {
      flag: "tls",
      setting: "tls",
      about: "self-signed: HTTPS with a certificate made here, for development. Give --tls-cert for your own"
    },
    ["off", "self-signed"]
  ),
  tlsCert: optionalText({
    flag: "tls-cert",
    setting: "tlsCert",
    about: "HTTPS with the certificate chain in this PEM file, which is read again when it changes and on SIGHUP"
  }),
  tlsKey: optionalText({ flag: "tls-key", setting: "tlsKey", about: "Private key of --tls-cert, in a PEM file" }),
  tlsClientCa: optionalText({
    flag: "tls-client-ca",
    setting: "tlsClientCa",
    about: "Accept only clients with a certificate that an authority in this PEM file signed"
  }),
  tlsPort: optionalWhole({
    flag: "tls-port",
    setting: "tlsPort",
    about: "Port for HTTPS, with plain HTTP on --port (default: HTTPS on --port, and no plain HTTP)"
  }),
  tlsDirectory: optionalText({
    flag: "tls-directory",
    setting: "tlsDirectory",
    about: "Where --tls self-signed keeps its certificates (default: the data directory's name with -tls)"
  })
} as const

const telemetryFlags = {
  monitoringPort: optionalWhole({
    flag: "monitoring-port",
    setting: "monitoringPort",
    about: "Port for /livez, /readyz and /metrics alone, without a check of the host name (default: on --port)"
  }),
  otlp: optionalText({
    flag: "otlp",
    setting: "otlp",
    about:
      "URL of an OpenTelemetry collector that takes traces and metrics by OTLP over HTTP, such as http://127.0.0.1:4318"
  }),
  accessLog: yes({ flag: "access-log", setting: "accessLog", about: "Write a line of the log for each request" }),
  logFormat: choice({ flag: "log-format", setting: "logFormat", about: "Format of the log, which goes to stderr" }, [
    "text",
    "json"
  ]),
  logLevel: choice({ flag: "log-level", setting: "logLevel", about: "Lowest level of the lines in the log" }, [
    "info",
    "debug",
    "warning",
    "error",
    "none"
  ])
} as const

export type TlsSettings = Command.Command.Config.Infer<typeof tlsFlags>

export const serveFlags = {
  ...engineFlags,
  storeWait: whole(
    {
      flag: "store-wait",
      setting: "storeWait",
      about: "Seconds to wait at the start for a database that cannot be reached yet or is slow; 0 for one try"
    },
    storeWaitSeconds.default
  ),
  host: text({ flag: "host", setting: "host", about: "Address to listen on" }, "127.0.0.1"),
  port: whole({ flag: "port", setting: "port", about: "Port to listen on; 0 picks a free one" }, 8787),
  seed: optionalText({
    flag: "seed",
    setting: "seed",
    about:
      "JSON or TOML file of keys to start with, or - for JSON on standard input; for tests and development, never for production"
  }),
  allowedHosts: several({
    flag: "allowed-host",
    setting: "allowedHosts",
    about: "Host name under which other machines may open the console and /metrics"
  }),
  trustedProxies: several({
    flag: "trusted-proxy",
    setting: "trustedProxies",
    about: "Address or block of a proxy whose X-Forwarded-For names the client"
  }),
  connectionsPerAddress: whole(
    {
      flag: "connections-per-address",
      setting: "connectionsPerAddress",
      about: "Open connections allowed for each client address"
    },
    connectionsPerAddressDefault
  ),
  ...tlsFlags,
  ...telemetryFlags,
  node: optionalText({
    flag: "node",
    setting: "node",
    about: "Name of this server in keystate nodes (default: name of the host and a random part)"
  }),
  workers: optionalWhole({
    flag: "workers",
    setting: "workers",
    about:
      "Processes that answer on the port (default: with a PostgreSQL store the number of cores, at most " +
      `${workersDefaultMax}; otherwise 1)`
  }),
  json: yes({ flag: "json", setting: "json", about: "Print one line of JSON when ready" })
} as const

export type ServeSettings = Command.Command.Config.Infer<typeof serveFlags>
