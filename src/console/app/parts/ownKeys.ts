/** Keyboard keys that a page handles while it is shown, such as `[` and `]`. */
import { useEffect } from "react"

const own = new Map<string, () => void>()

export const ownKey = (key: string): (() => void) | undefined => own.get(key)

export const useShortcut = (key: string, act: () => void): void => {
  useEffect(() => {
    own.set(key, act)
    return () => {
      if (own.get(key) === act) own.delete(key)
    }
  }, [key, act])
}
