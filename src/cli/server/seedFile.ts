/** Seed files as they are read from the disk. */
import { readFileSync, statSync } from "node:fs"
import { Effect, Result } from "effect"
import { refused } from "../../seed/fault.ts"
import { checkForm } from "../../seed/format.ts"
import { parseSeedText, seedBytesMax } from "../../seed/text.ts"
import { userError } from "../settings/settings.ts"

const megabytes = seedBytesMax / 1024 / 1024

/** A plain file only: one that never ends would never start the server. */
const readText = (path: string): string | undefined => {
  const { size } = statSync(path)
  return statSync(path).isFile() && size <= seedBytesMax ? readFileSync(path, "utf8") : undefined
}

/** The seed in a file, TOML if its name ends so and JSON otherwise. What it asks for is looked at when it is planted. */
export const readSeedFile = (path: string) =>
  Effect.gen(function* () {
    const text = yield* Effect.try({
      try: () => readText(path),
      catch: () => userError(`The seed file ${path} cannot be read.`)
    })
    if (text === undefined) {
      return yield* userError(`The seed file ${path} must be a file of ${megabytes} MiB at most.`)
    }
    const seed = Result.flatMap(
      Result.mapError(parseSeedText(text, path.endsWith(".toml") ? "toml" : "json"), (fault) => [fault]),
      checkForm
    )
    return yield* Effect.mapError(Effect.fromResult(seed), (faults) => userError(refused(faults).message))
  })
