/** Prints a message and ends the command with an exit code. */
import { Data, Effect, Runtime } from "effect"
import { printError } from "./errors.ts"
import { Style } from "./style.ts"

export class Ending extends Data.TaggedError("Ending")<{ readonly exit: number }> {
  override readonly [Runtime.errorExitCode] = this.exit
  override readonly [Runtime.errorReported] = false
}

export const ending = (exit: number, message: string): Effect.Effect<never, Ending> =>
  Effect.flatMap(Style, (style) => Effect.andThen(printError(style, message), Effect.fail(new Ending({ exit }))))
