/** Performs a call in this process, on a store that the command opens. */
import { Effect, Option } from "effect"
import { engineLayer } from "../../main.ts"
import { fromObject } from "../../operation/parameters.ts"
import { Randomness } from "../../platform/services.ts"
import { Dispatch } from "../../requests/dispatch.ts"
import { userError } from "../output/userError.ts"
import { defaultRegion } from "../settings/engineFlags.ts"
import { engineOptions } from "../settings/engineOptions.ts"
import type { Called, Target } from "./target.ts"

const advised = "\n  If a server is running on it, call the server: --endpoint http://127.0.0.1:8787"

export const ask = (target: Target, { api, operation, parameters }: Called) =>
  Effect.gen(function* () {
    const region = Option.getOrElse(target.region, () => defaultRegion)
    const options = yield* engineOptions({ ...target, region }, process.env)
    return yield* Effect.gen(function* () {
      const dispatch = yield* Dispatch
      const randomness = yield* Randomness
      return yield* dispatch.ask({
        api,
        operation,
        source: fromObject(parameters),
        caller: { kind: "root", account: options.realm.account },
        realm: options.realm,
        requestId: randomness.uuid()
      })
    }).pipe(
      Effect.provide(engineLayer(options)),
      Effect.catchTag("StoreUnusable", ({ message, reason }) => {
        const advice = reason === "InUse" ? advised : ""
        return Effect.fail(userError(`${message}${advice}`))
      })
    )
  })
