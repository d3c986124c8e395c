/** Writes a command's result to a file, or to stdout for `-` or without a name. */
import { dirname } from "node:path"
import { Effect, Option } from "effect"
import { Flag } from "effect/cli"
import { makeDirectory, writeWhole } from "../../platform/durableFiles.ts"
import { userError } from "./userError.ts"

export const outputFlag = Flag.String("out").pipe(
  Flag.withAlias("o"),
  Flag.withDescription("File to write; - for stdout (default: -)"),
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
