/** Asks the user to confirm a destructive call. Scripts are not asked, because they have no terminal. */
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { Flag } from "effect/cli"
import { userError } from "./userError.ts"

export const yesFlag = Flag.Boolean("yes").pipe(
  Flag.withDescription("Do not ask before a call that destroys"),
  Flag.withDefault(false)
)

const isAtTerminal = (): boolean => process.stdin.isTTY && process.stderr.isTTY

/** Asks on standard error, because standard output may be a file. The end of the input means no. */
const isConfirmed = (question: string) =>
  Effect.callback<boolean>((resume) => {
    const lines = createInterface({ input: process.stdin, output: process.stderr, terminal: false })
    lines.once("close", () => resume(Effect.succeed(false)))
    lines.question(`${question} [y/N] `, (answer) => {
      resume(Effect.succeed(/^\s*y(es)?\s*$/i.test(answer)))
      lines.close()
    })
    return Effect.sync(() => lines.close())
  })

/** Continues if the user confirms, if `isSure`, or without a terminal. */
export const confirmed = (question: string, isSure: boolean) =>
  isSure || !isAtTerminal()
    ? Effect.void
    : Effect.flatMap(isConfirmed(question), (answer) =>
        answer ? Effect.void : Effect.fail(userError("Nothing was done. --yes does not ask."))
      )
