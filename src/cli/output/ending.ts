/** Prints a message and ends the command with an exit code. */
import { Console, Data, Effect, Runtime } from "effect"

export class Ending extends Data.TaggedError("Ending")<{ readonly exit: number }> {
  override readonly [Runtime.errorExitCode] = this.exit
  override readonly [Runtime.errorReported] = false
}

export const ending = (exit: number, message: string): Effect.Effect<never, Ending> =>
  Effect.andThen(Console.error(message), Effect.fail(new Ending({ exit })))
