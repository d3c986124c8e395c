/** The keys of the region in numbers, read again after changes. */
import type { KeysSummary } from "../../protocol.ts"
import { readSummary } from "./api.ts"
import { useChanges, useConsole } from "./store.ts"
import { useLoaded } from "./useLoaded.ts"
import type { Loaded } from "./useLoaded.ts"
import { useSettled } from "./useSettled.ts"

const changesMillis = 1000

export const useSummary = (): Loaded<KeysSummary> => {
  const { region } = useConsole()
  const changes = useSettled(useChanges(), changesMillis)
  return useLoaded(() => readSummary(region), `${region} ${changes}`)
}
