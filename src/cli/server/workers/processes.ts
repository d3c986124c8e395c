/** The processes of `keystate serve`: one, or several workers and their supervisor. */
import { availableParallelism } from "node:os"
import { Effect, Option } from "effect"
import type { CliError } from "effect/cli"
import { workersDefaultMax, workersMax } from "../../../domain/limits.ts"
import { userError } from "../../output/userError.ts"
import { storeKind } from "../../settings/storeOptions.ts"
import type { ServeSettings } from "../serveFlags.ts"
import { isWorker, joinServer } from "./membership.ts"

const oneWriter = (count: number): CliError.UserError =>
  userError(
    `--workers ${count} needs a PostgreSQL store, because a store in a directory or in memory has one writer. ` +
      "Leave out --workers, or move the keys with keystate copy and give --store postgres://user@host/database."
  )

/** The number of processes that answer requests. */
const workersOf = ({ store, workers }: ServeSettings): Effect.Effect<number, CliError.UserError> => {
  const isShared = storeKind(store) === "postgres"
  const byDefault = isShared ? Math.min(availableParallelism(), workersDefaultMax) : 1
  const count = Option.getOrElse(workers, () => byDefault)
  if (count < 1 || count > workersMax) {
    return Effect.fail(userError(`--workers takes 1 to ${workersMax}, not ${count}.`))
  }
  return count > 1 && !isShared ? Effect.fail(oneWriter(count)) : Effect.succeed(count)
}

const serving = Effect.promise(() => import("../serving.ts"))
const supervisor = Effect.promise(() => import("./supervisor.ts"))

/** Runs a server until it is stopped, in the configured number of processes. */
export const serveInProcesses = (settings: ServeSettings) =>
  Effect.gen(function* () {
    if (isWorker()) {
      const { serveWith } = yield* serving
      return yield* serveWith(settings, Effect.void, yield* joinServer)
    }
    const count = yield* workersOf(settings)
    if (count === 1) {
      const { serveWith } = yield* serving
      return yield* serveWith(settings, Effect.void)
    }
    const { supervise } = yield* supervisor
    return yield* supervise(settings, count)
  })
