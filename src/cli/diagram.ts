/** `keystate diagram`: the lifecycle drawn from the machine that runs it. */
import { Console } from "effect"
import { Argument, Command } from "effect/cli"
import { cmkMachine } from "../../machines/cmk.ts"
import { toMermaid } from "../visualizer/mermaid.ts"

const machines = { cmk: cmkMachine } as const

export const diagram = Command.make(
  "diagram",
  {
    machine: Argument.Literals("machine", ["cmk"]).pipe(
      Argument.withDescription("Which machine to draw"),
      Argument.withDefault("cmk")
    )
  },
  ({ machine }) => Console.log(toMermaid(machines[machine]))
).pipe(Command.withDescription("Draw a machine as Mermaid text"))
