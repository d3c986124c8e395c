/** The signals of a server: to stop, to stop at once, and to read the certificate again. */
import { Effect, Option } from "effect"
import type { ServeSettings } from "./serveFlags.ts"

/** npm passes on the signal that the terminal has sent already: signals so close together count as one. */
const repeatedMillis = 500

/** Calls back at each SIGHUP. Only with a certificate from files; otherwise the signal ends the process. */
const onReload = (settings: ServeSettings, onSignal: () => void) =>
  Option.isNone(settings.tlsCert)
    ? Effect.void
    : Effect.acquireRelease(
        Effect.sync(() => process.on("SIGHUP", onSignal)),
        () => Effect.sync(() => process.off("SIGHUP", onSignal))
      )

/** How often SIGHUP asked for the certificate to be read again. */
export const reloadSignals = Effect.fnUntraced(function* (settings: ServeSettings) {
  let times = 0
  yield* onReload(settings, () => {
    times++
  })
  return () => times
})

/** Calls back when a second signal to stop says that the server shall not wait for its clients. */
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

/** Passes on the signals of a server to its workers. The first signal to stop ends the program by itself. */
export const relayedSignals = (
  settings: ServeSettings,
  { hurry, reload }: { readonly hurry: () => void; readonly reload: () => void }
) => Effect.andThen(onHurry(hurry), onReload(settings, reload))
