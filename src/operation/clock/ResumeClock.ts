/** Lets a virtual clock run on with real time from where it stands. */
import { serverOperation } from "../operation.ts"
import { moving } from "./lifecycleClock.ts"

export const ResumeClock = serverOperation({
  about: "Lets a virtual clock run on with real time from where it stands.",
  errors: ["UnsupportedOperation"],
  Request: {},
  handle: (_request, { world }) => moving(world, world.timers.resume)
})
