/** Schedules the deletion of a CMK: it waits out a window in which the deletion can be cancelled. */
import { dayMillis, pendingWindowInDays } from "../domain/limits.ts"
import { change } from "./changes.ts"
import { keyId } from "./keyReference.ts"
import { keyOperation } from "./operation.ts"
import { defaulted, integer } from "./parameters.ts"

export const ScheduleKeyDeletion = keyOperation({
  about: "Schedules the deletion of a CMK after a waiting period of 7 to 30 days.",
  changes: true,
  Request: {
    KeyId: keyId,
    PendingWindowInDays: defaulted(integer(pendingWindowInDays), pendingWindowInDays.default, "Days to wait.")
  },
  permission: { on: "key", alias: false },
  handle: (request, call, key) =>
    change(call, key, (at) => ({
      type: "ScheduleKeyDeletion",
      at,
      dueAt: at + request.PendingWindowInDays * dayMillis
    }))
})
