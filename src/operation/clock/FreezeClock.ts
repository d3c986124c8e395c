/** Stops a virtual clock at its present time. */
import { serverOperation } from "../operation.ts"
import { moving } from "./lifecycleClock.ts"

export const FreezeClock = serverOperation({
  about: "Stops a virtual clock at its present time.",
  errors: ["UnsupportedOperation"],
  Request: {},
  handle: (_request, { services }) => moving(services, services.timers.freeze)
})
