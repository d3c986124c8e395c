/** The server's log: lines on stderr, as text or JSON. */
import { Layer, Logger, References } from "effect"
import type { LogLevel } from "effect"
import type { ServeSettings } from "./serveFlags.ts"

const levels: Readonly<Record<ServeSettings["logLevel"], LogLevel.LogLevel>> = {
  debug: "Debug",
  info: "Info",
  warning: "Warn",
  error: "Error",
  none: "None"
}

const formats = { text: Logger.formatLogFmt, json: Logger.formatJson } as const

export const serverLog = ({ logFormat, logLevel }: Pick<ServeSettings, "logFormat" | "logLevel">) =>
  Layer.merge(
    Logger.layer([Logger.withConsoleError(formats[logFormat])]),
    Layer.succeed(References.MinimumLogLevel, levels[logLevel])
  )
