/** Shows the lifecycle clock and the next deadline. */
import { serverOperation } from "../operation.ts"
import { show } from "./lifecycleClock.ts"

export const ShowClock = serverOperation({
  about: "Shows the lifecycle clock and the next deadline.",
  errors: [],
  Request: {},
  handle: (_request, { services }) => show(services)
})
