/** Files that a command reads. `-` means standard input. */
import { readFileSync } from "node:fs"
import { Effect } from "effect"
import type { CliError } from "effect/cli"
import { userError } from "./userError.ts"

export const standardInput = "-"

const usedTwice = userError("Standard input can be read once. Name a file in place of one -.")

const fromStdin = Effect.suspend(() =>
  process.stdin.readableEnded
    ? Effect.fail(usedTwice)
    : Effect.tryPromise({
        try: async () => (await import("node:stream/consumers")).text(process.stdin),
        catch: () => userError("Standard input cannot be read.")
      })
)

/** The text of a file. `what` begins the message if it cannot be read. */
export const readText = (path: string, what: string): Effect.Effect<string, CliError.UserError> =>
  path === standardInput
    ? fromStdin
    : Effect.try({ try: () => readFileSync(path, "utf8"), catch: () => userError(`${what} cannot be read.`) })

/** The text itself, that of a file for `@FILE`, or that of standard input for `-`. `what` is for a file's error. */
export const contentOf = (written: string, what: string): Effect.Effect<string, CliError.UserError> => {
  if (written === standardInput) return readText(written, what)
  return written.startsWith("@") ? readText(written.slice(1), `${what} ${written.slice(1)}`) : Effect.succeed(written)
}
