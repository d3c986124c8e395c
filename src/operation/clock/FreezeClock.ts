/** Stops a virtual clock where it stands. */
import { serverOperation } from "../operation.ts"
import { moving } from "./lifecycleClock.ts"

export const FreezeClock = serverOperation({
  about: "Stops a virtual clock where it stands.",
  errors: ["UnsupportedOperation"],
  Request: {},
  handle: (_request, { world }) => moving(world, world.timers.freeze)
})
