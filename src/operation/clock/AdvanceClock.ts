/** Moves a virtual clock forward, and performs every deadline on the way at its own time. */
import { Effect } from "effect"
import type { CallError } from "../../domain/errorGroups.ts"
import { serverOperation } from "../operation.ts"
import { invalid, required, text } from "../parameters.ts"
import { lastInstant, moving, parseSpan } from "./lifecycleClock.ts"

export const AdvanceClock = serverOperation({
  about: "Moves a virtual clock forward, and performs every deadline on the way at its own time.",
  errors: ["UnsupportedOperation"],
  Request: {
    By: required({ ...text({ charsMax: 16 }), form: "number and unit: `8d`, `36h`, `90m`, `30s`" }, "How far.")
  },
  handle: (request, { services }) => {
    const millis = parseSpan(request.By)
    return moving(
      services,
      millis === undefined
        ? Effect.fail(invalid("By", "a number and a unit, such as 8d, and at most a hundred years"))
        : Effect.suspend((): Effect.Effect<number, CallError> => {
            const target = services.clock.now() + millis
            return target > lastInstant
              ? Effect.fail(invalid("By", "before the year 10000, which no timestamp of the API can express"))
              : services.timers.advanceTo(target)
          })
    )
  }
})
