/** The chosen time zone in a component. */
import { useSyncExternalStore } from "react"
import { watchZone, zoneNow } from "./zone.ts"
import type { Zone } from "./zone.ts"

/** Renders the caller, and with it what it shows, again after each choice. */
export const useZone = (): Zone => useSyncExternalStore(watchZone, zoneNow)
