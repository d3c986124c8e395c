/** Keys of the keyboard that a page takes for itself while it is shown: `[` and `]`, say. */
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
