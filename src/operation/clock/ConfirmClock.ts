/** Confirms that the machine's clock is right after it jumped forward or back. */
import { Effect } from "effect"
import { serverOperation } from "../operation.ts"
import { show } from "./lifecycleClock.ts"

export const ConfirmClock = serverOperation({
  about:
    "Confirms that the machine's clock is right after it jumped forward or back: lifecycle time follows it, and deadlines " +
    "that are due are performed.",
  errors: [],
  Request: {},
  handle: (_request, { services }) => Effect.andThen(services.timers.decide("confirm"), show(services))
})
