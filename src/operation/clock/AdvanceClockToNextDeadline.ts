/** Moves a virtual clock to the next deadline and carries it out. */
import { serverOperation } from "../operation.ts"
import { moving } from "./lifecycleClock.ts"

export const AdvanceClockToNextDeadline = serverOperation({
  about: "Moves a virtual clock to the next deadline and carries it out.",
  errors: ["UnsupportedOperation"],
  Request: {},
  handle: (_request, { world }) => moving(world, world.timers.advanceToNext)
})
