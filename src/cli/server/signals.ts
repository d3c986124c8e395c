/** The signals of a server: stop, stop at once, and reload the certificate. */
import { Effect, Option } from "effect"
import type { ServeSettings } from "./serveFlags.ts"

/** npm repeats a signal that the terminal has sent. Two signals within this time count as one. */
const repeatedMillis = 500

/** Calls back on each SIGHUP. Registered only for a certificate from files; otherwise SIGHUP ends the process. */
const onReload = (settings: ServeSettings, onSignal: () => void) =>
  Option.isNone(settings.tlsCert)
    ? Effect.void
    : Effect.acquireRelease(
        Effect.sync(() => process.on("SIGHUP", onSignal)),
        () => Effect.sync(() => process.off("SIGHUP", onSignal))
      )

/** The number of SIGHUP signals so far. */
export const reloadSignals = Effect.fnUntraced(function* (settings: ServeSettings) {
  let times = 0
  yield* onReload(settings, () => {
    times++
  })
  return () => times
})

/** Calls back on a second stop signal: the server must not wait for its clients. */
const onHurry = (hurry: () => void) =>
  Effect.acquireRelease(
    Effect.sync(() => {
      let firstAt: number | undefined
      const onSignal = (): void => {
        if (firstAt !== undefined && performance.now() - firstAt > repeatedMillis) hurry()
        firstAt ??= performance.now()
      }
      process.on("SIGTERM", onSignal).on("SIGINT", onSignal)
      return onSignal
    }),
    (onSignal) => Effect.sync(() => process.off("SIGTERM", onSignal).off("SIGINT", onSignal))
  )

/** Whether a second signal to stop arrived. */
export const stopSignals = Effect.suspend(() => {
  let isRepeated = false
  const hurry = (): void => {
    isRepeated = true
  }
  return Effect.as(onHurry(hurry), { isHurried: () => isRepeated })
})

/** Forwards the signals of a server to its workers. The first stop signal ends the program. */
export const relayedSignals = (
  settings: ServeSettings,
  { hurry, reload }: { readonly hurry: () => void; readonly reload: () => void }
) => Effect.andThen(onHurry(hurry), onReload(settings, reload))
