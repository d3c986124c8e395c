/** Instants, absolute and relative, and countdowns that screen readers hear only at a few moments. */
import { useEffect, useRef, useSyncExternalStore } from "react"
import { lifecycleNow, useConsole } from "../data/store.ts"
import { absolute, day, iso, relative } from "../data/time.ts"
import { announce } from "./announcer.tsx"
import { t } from "../text/text.ts"

const tickers = new Set<() => void>()
let timer: number | undefined

/** One timer for all countdowns, idle while the page is hidden. */
const subscribe = (ticker: () => void): (() => void) => {
  tickers.add(ticker)
  timer ??= window.setInterval(() => {
    if (document.visibilityState === "visible") for (const tick of tickers) tick()
  }, 1000)
  return () => {
    tickers.delete(ticker)
    if (tickers.size > 0) return
    window.clearInterval(timer)
    timer = undefined
  }
}

const wholeSecond = (): number => Math.floor(lifecycleNow() / 1000) * 1000

/** The lifecycle clock in whole seconds. */
export const useNow = (): number => {
  useConsole()
  return useSyncExternalStore(subscribe, wholeSecond)
}

export const Moment = ({ at, lead = "both" }: { readonly at: number; readonly lead?: "both" | "relative" }) => {
  const now = useNow()
  const distance = relative(at, now)
  return (
    <time dateTime={iso(at)} title={absolute(at)}>
      {lead === "relative" ? (
        distance
      ) : (
        <>
          {absolute(at)} <span className="quiet">({distance})</span>
        </>
      )}
    </time>
  )
}

const thresholds = [
  [day, "{what} in 24 hours."],
  [60 * 60_000, "{what} in 1 hour."],
  [60_000, "{what} in 1 minute."]
] as const

/** Counts down to a deadline, and announces it a day, an hour and a minute before, and when it is due. */
export const Countdown = ({ to, what }: { readonly to: number; readonly what: string }) => {
  const now = useNow()
  const left = to - now
  const last = useRef(left)
  useEffect(() => {
    const before = last.current
    last.current = left
    if (before > 0 && left <= 0) return announce(t("{what} is due now.", { what }))
    const crossed = thresholds.findLast(([millis]) => before > millis && left <= millis)
    if (crossed !== undefined) announce(t(crossed[1], { what }))
  }, [left, what])
  return (
    <time dateTime={iso(to)} title={absolute(to)}>
      {left <= 0 ? t("due now") : relative(to, now)}
    </time>
  )
}
