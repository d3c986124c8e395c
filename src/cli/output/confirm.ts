/** Asks the user to confirm a destructive call. Scripts are not asked, because they have no terminal. */
import { Effect } from "effect"
import { Flag, Prompt } from "effect/cli"
import { userError } from "./userError.ts"

export const yesFlag = Flag.Boolean("yes").pipe(
  Flag.withDescription("Do not ask before a call that destroys"),
  Flag.withDefault(false)
)

const isAtTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Continues if the user confirms, if `isSure`, or without a terminal. */
export const confirmed = (question: string, isSure: boolean) =>
  isSure || !isAtTerminal()
    ? Effect.void
    : Effect.flatMap(
        Effect.catch(Prompt.run(Prompt.Confirm({ message: question })), () => Effect.succeed(false)),
        (answer) => (answer ? Effect.void : Effect.fail(userError("Nothing was done. --yes does not ask.")))
      )
