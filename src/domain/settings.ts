/** The settings of an operator, for example for points on which documents of different years disagree. */
import { Context } from "effect"
import { pendingWindowInDays } from "./limits.ts"
import type { Quotas, RequestRates } from "./quotas.ts"

export interface ServiceSettings {
  /** The longest waiting period that ScheduleKeyDeletion accepts, in days. */
  readonly deletionWindowMax: number
  /** The quotas of an account in a region that differ from the documented ones. */
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

/** Whether a number of days may be the longest waiting period: it must not be shorter than the default period. */
export const isDeletionWindowMax = (days: number): boolean =>
  Number.isInteger(days) && days >= pendingWindowInDays.maximum && days <= pendingWindowInDays.settableMaximum
