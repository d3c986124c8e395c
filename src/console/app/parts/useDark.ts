/** Whether the system prefers dark colours. */
import { useSyncExternalStore } from "react"

const dark = matchMedia("(prefers-color-scheme: dark)")

const subscribe = (listener: () => void): (() => void) => {
  dark.addEventListener("change", listener)
  return () => dark.removeEventListener("change", listener)
}

export const useDark = (): boolean => useSyncExternalStore(subscribe, () => dark.matches)
