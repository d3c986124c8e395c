/** The destination of a service's log. The library logs nothing unless a program names a logger. */
import { Context, Effect, Layer, Logger } from "effect"

/** One line of the log, without plaintext or key material. */
export interface LogLine {
  readonly level: string
  /** The time of the line, in ISO 8601. */
  readonly timestamp: string
  readonly message: unknown
  readonly annotations: Readonly<Record<string, unknown>>
}

/** Receives one line of the log. */
export type TakeLogLine = (line: LogLine) => void

const loggerOf = (take: TakeLogLine) =>
  Logger.map(Logger.formatStructured, ({ level, timestamp, message, annotations }) =>
    take({ level, timestamp, message, annotations })
  )

/** Effect's default loggers, if a program has chosen none. */
const usual = Context.get(Context.empty(), Logger.CurrentLoggers)

/** The loggers of a service: the given one; otherwise those of the program's layers; otherwise none. */
export const loggingLayer = (take: TakeLogLine | undefined): Layer.Layer<never> =>
  Layer.effect(
    Logger.CurrentLoggers,
    Effect.map(Logger.CurrentLoggers, (current) => {
      if (take !== undefined) return new Set([loggerOf(take)])
      return current === usual ? new Set() : current
    })
  )

/** Makes calls log like their service, unless their program has chosen loggers for the call. */
export const logsAsService: Effect.Effect<<A, E, R>(call: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>> =
  Effect.map(
    Logger.CurrentLoggers,
    (ofService) => (call) =>
      Effect.updateService(call, Logger.CurrentLoggers, (current) => (current === usual ? ofService : current))
  )
