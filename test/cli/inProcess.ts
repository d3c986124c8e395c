/** Runs the command in this process, as src/cli/keystate.ts does, and collects what it prints. */
import { Cause, ConfigProvider, Console, Effect, Exit, Layer } from "effect"
import { CliOutput, Command } from "effect/cli"
import { Words, asFlags, keystateFor, layer, withoutUnknownHelp } from "../../src/cli/commands.ts"
import { formatterOf } from "../../src/cli/output/errors.ts"
import { Style, styleOf } from "../../src/cli/output/style.ts"
import { version } from "../../src/domain/version.ts"

export interface Said {
  readonly isSuccess: boolean
  readonly out: string
  readonly err: string
}

const textOf = (lines: ReadonlyArray<string>): string => lines.map((line) => `${line}\n`).join("")

export const said = async (...given: ReadonlyArray<string>): Promise<Said> => {
  const words = asFlags(given)
  const out: Array<string> = []
  const err: Array<string> = []
  const recorder: Console.Console = Object.assign(Object.create(console), {
    log: (text: unknown) => out.push(String(text)),
    error: (text: unknown) => err.push(String(text))
  })
  const style = styleOf(words)
  const keystate = await keystateFor(words)
  const run = Command.runWith(keystate, { version })(withoutUnknownHelp(keystate, words))
  const exit = await Effect.runPromiseExit(
    run.pipe(
      Effect.provide(Layer.merge(layer, CliOutput.layer(formatterOf(style)))),
      Effect.provideService(Style, style),
      Effect.provideService(Words, words),
      Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown({})),
      Effect.provideService(Console.Console, recorder)
    )
  )
  if (Exit.isFailure(exit) && Cause.hasDies(exit.cause)) throw new Error(Cause.pretty(exit.cause))
  return { isSuccess: Exit.isSuccess(exit), out: textOf(out), err: textOf(err) }
}
