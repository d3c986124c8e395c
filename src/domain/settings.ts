/** What an operator chooses where documents of different years disagree. */
import { Context } from "effect"
import { pendingWindowInDays } from "./limits.ts"

export interface ServiceSettings {
  /** The longest waiting period that ScheduleKeyDeletion takes, in days. */
  readonly deletionWindowMax: number
}

export const defaultSettings: ServiceSettings = { deletionWindowMax: pendingWindowInDays.maximum }

/** The settings of the running service. */
export const Settings = Context.Reference<ServiceSettings>("keystate/domain/Settings", {
  defaultValue: () => defaultSettings
})

/** Whether a number of days may be the longest waiting period: the default period has to fit into it. */
export const isDeletionWindowMax = (days: number): boolean =>
  Number.isInteger(days) && days >= pendingWindowInDays.maximum && days <= pendingWindowInDays.settableMaximum
