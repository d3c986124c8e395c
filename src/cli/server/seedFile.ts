/** Reads seed files. */
import { readFileSync, statSync } from "node:fs"
import { Effect, Result } from "effect"
import { refused } from "../../seed/fault.ts"
import { checkForm } from "../../seed/format.ts"
import { parseSeedText, seedBytesMax } from "../../seed/text.ts"
import { readText, standardInput } from "../output/input.ts"
import { userError } from "../output/userError.ts"

const megabytes = seedBytesMax / 1024 / 1024

/** Only regular files: reading from a pipe or a device might never end. */
const plainText = (path: string): string | undefined => {
  const { size } = statSync(path)
  return statSync(path).isFile() && size <= seedBytesMax ? readFileSync(path, "utf8") : undefined
}

/**
 * The seed in a file: TOML if the name ends in .toml, otherwise JSON. Its contents are checked when the keys are
 * created.
 */
export const readSeedFile = (path: string) =>
  Effect.gen(function* () {
    const text = yield* path === standardInput
      ? readText(path, "The seed")
      : Effect.try({ try: () => plainText(path), catch: () => userError(`The seed file ${path} cannot be read.`) })
    if (text === undefined) {
      return yield* userError(`The seed file ${path} must be a plain file of at most ${megabytes} MiB.`)
    }
    const seed = Result.flatMap(
      Result.mapError(parseSeedText(text, path.endsWith(".toml") ? "toml" : "json"), (fault) => [fault]),
      checkForm
    )
    return yield* Effect.mapError(Effect.fromResult(seed), (faults) => userError(refused(faults).message))
  })
