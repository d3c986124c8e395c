/** Moves a virtual clock to the next deadline and performs it. */
import { serverOperation } from "../operation.ts"
import { moving } from "./lifecycleClock.ts"

export const AdvanceClockToNextDeadline = serverOperation({
  about: "Moves a virtual clock to the next deadline and performs it.",
  errors: ["UnsupportedOperation"],
  Request: {},
  handle: (_request, { services }) => moving(services, services.timers.advanceToNext)
})
