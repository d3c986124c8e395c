/** The chosen language in a component. */
import { useSyncExternalStore } from "react"
import { languageNow, watchLanguage } from "./language.ts"
import type { Language } from "./language.ts"

/** Renders the caller, and with it what it shows, again after each choice. */
export const useLanguage = (): Language => useSyncExternalStore(watchLanguage, languageNow)
