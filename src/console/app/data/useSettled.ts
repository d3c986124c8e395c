/** A value that follows another one with a delay, so that many changes in a row cause one request. */
import { useEffect, useRef, useState } from "react"

export const useSettled = (value: string, millis: number): string => {
  const [settled, setSettled] = useState(value)
  const newest = useRef(value)
  const timer = useRef<number>(undefined)
  newest.current = value
  useEffect(() => {
    if (value === settled) return
    // A steady series of changes must not delay the request for ever.
    timer.current ??= window.setTimeout(() => {
      timer.current = undefined
      setSettled(newest.current)
    }, millis)
  }, [value, settled, millis])
  useEffect(
    () => () => {
      window.clearTimeout(timer.current)
      timer.current = undefined
    },
    []
  )
  return settled
}
