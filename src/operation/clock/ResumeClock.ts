/** Lets a virtual clock run at the speed of real time from its present time. */
import { serverOperation } from "../operation.ts"
import { moving } from "./lifecycleClock.ts"

export const ResumeClock = serverOperation({
  about: "Lets a virtual clock run at the speed of real time from its present time.",
  errors: ["UnsupportedOperation"],
  Request: {},
  handle: (_request, { services }) => moving(services, services.timers.resume)
})
