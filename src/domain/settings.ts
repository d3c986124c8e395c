/** What an operator chooses where documents of different years disagree. */
import { Context } from "effect"
import { pendingWindowInDays } from "./limits.ts"
import type { Quotas, RequestRates } from "./quotas.ts"

export interface ServiceSettings {
  /** The longest waiting period that ScheduleKeyDeletion takes, in days. */
  readonly deletionWindowMax: number
  /** What an account may hold in a region, where it is not what is documented. */
  readonly quotas: Partial<Quotas>
  /** Calls in a second, of one account in one region. A class that is absent has no limit. */
  readonly requestRates: RequestRates
}

export const defaultSettings: ServiceSettings = {
  deletionWindowMax: pendingWindowInDays.maximum,
  quotas: {},
  requestRates: {}
}

/** The settings of the running service. */
export const Settings = Context.Reference<ServiceSettings>("keystate/domain/Settings", {
  defaultValue: () => defaultSettings
})

/** Whether a number of days may be the longest waiting period: the default period has to fit into it. */
export const isDeletionWindowMax = (days: number): boolean =>
  Number.isInteger(days) && days >= pendingWindowInDays.maximum && days <= pendingWindowInDays.settableMaximum
