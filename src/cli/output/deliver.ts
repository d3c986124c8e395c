/** Where a command's result goes: a file, or stdout for `-` and for nothing. */
import { dirname } from "node:path"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { makeDirectory, writeWhole } from "../../platform/durableFiles.ts"
import { userError } from "../settings/settings.ts"

export const outputFlag = Flag.String("output").pipe(
  Flag.withAlias("o"),
  Flag.withDescription("File to write; - for stdout"),
  Flag.optional
)

const toStdout = (content: string | Uint8Array): Effect.Effect<void> =>
  Effect.callback((resume) => {
    process.stdout.write(content, () => resume(Effect.void))
  })

export const deliver = (output: Option.Option<string>, content: string | Uint8Array) => {
  const file = Option.getOrElse(output, () => "-")
  if (file === "-") return toStdout(content)
  return Effect.try({
    try: () => {
      makeDirectory(dirname(file), 0o777)
      writeWhole(file, content)
    },
    catch: (cause) => userError(`${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
}
