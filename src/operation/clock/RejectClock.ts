/** Says that the later of the two times is wrong after the machine's clock jumped. */
import { Effect } from "effect"
import { serverOperation } from "../operation.ts"
import { show } from "./lifecycleClock.ts"

export const RejectClock = serverOperation({
  about:
    "Says that the later of the two times is wrong after the machine's clock jumped: lifecycle time goes on from the " +
    "earlier one, and nothing that the later one made due is carried out.",
  errors: [],
  Request: {},
  handle: (_request, { world }) => Effect.andThen(world.timers.decide("reject"), show(world))
})
