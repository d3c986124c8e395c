/** Schedules the deletion of a CMK after a waiting period, in which it can be cancelled. */
import { refusalCodes } from "../../../machines/refusals.ts"
import { dayMillis, pendingWindowInDays } from "../../domain/limits.ts"
import { change } from "../changes.ts"
import { keyId } from "../keyReference.ts"
import { keyOperation } from "../operation.ts"
import { defaulted, integer, invalidBecause } from "../parameters.ts"

const { minimum, maximum, settableMaximum, default: usual } = pendingWindowInDays

/** The range depends on a setting of the service, so it is checked after the number is read. */
const days = {
  ...integer({ minimum: 0, maximum: 999_999 }),
  form: `integer, ${minimum} to ${maximum}; up to ${settableMaximum} where the setting \`deletionWindowMax\` allows it`,
  fault: () => "must be a number of days, in decimal digits"
} as const

export const ScheduleKeyDeletion = keyOperation({
  about: "Schedules the deletion of a CMK after a waiting period of 7 to 30 days, or longer if a setting allows it.",
  errors: ["Unsupported.Alias", ...refusalCodes.ScheduleKeyDeletion],
  changes: true,
  Request: { KeyId: keyId, PendingWindowInDays: defaulted(days, usual, "The waiting period in days.") },
  conflict: ({ PendingWindowInDays: asked }, { deletionWindowMax }) =>
    asked < minimum || asked > deletionWindowMax
      ? invalidBecause("PendingWindowInDays", `must be from ${minimum} to ${deletionWindowMax} days on this server`)
      : undefined,
  permission: { on: "key", alias: false },
  handle: (request, call, key) =>
    change(call, key, (at) => ({
      type: "ScheduleKeyDeletion",
      at,
      dueAt: at + request.PendingWindowInDays * dayMillis
    }))
})
