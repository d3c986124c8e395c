/** Rejects the later of the two times after the machine's clock jumped. */
import { Effect } from "effect"
import { serverOperation } from "../operation.ts"
import { show } from "./lifecycleClock.ts"

export const RejectClock = serverOperation({
  about:
    "Rejects the later of the two times after the machine's clock jumped. Lifecycle time continues from the " +
    "earlier one, and deadlines that only the later one made due are not performed.",
  errors: [],
  Request: {},
  handle: (_request, { services }) => Effect.andThen(services.timers.decide("reject"), show(services))
})
