/** `keystate diagram`: draws a machine, alone or with the history of a key. */
import { Effect, Option } from "effect"
import { Argument, Command, Flag } from "effect/cli"
import { otherDialects } from "../../conformance/dialects/dialects.ts"
import { everyState } from "../../visualizer/model/drawing.ts"
import { formats } from "../../visualizer/render.ts"
import { tableFormats, stateTable } from "../../visualizer/keys/stateTables.ts"
import { titleAfter } from "../../visualizer/keys/keyMarks.ts"
import { check, update } from "./check.ts"
import { made } from "./made.ts"
import { machineNames, machineOf } from "./subject.ts"
import { follow } from "./watch.ts"
import { ending } from "../output/ending.ts"
import { deliver, outputFlag } from "../output/deliver.ts"
import { onlyAs, print } from "../output/print.ts"
import { historyOf, momentsUntil, readHistory } from "../data/keyHistory.ts"
import { readFlags } from "../calls/target.ts"
import type { ReadTarget } from "../calls/target.ts"
import { userError } from "../output/userError.ts"

const wanted = (flag: string, about: string) => Flag.String(flag).pipe(Flag.withDescription(about), Flag.optional)

const drawingFlags = {
  machine: Argument.String("machine").pipe(
    Argument.withDescription(`${machineNames.join(", ")}, or FILE#EXPORT of any XState 5 machine`),
    Argument.withDefault("cmk")
  ),
  format: wanted("format", `${formats.join(", ")} (default: by the ending of -o, else mermaid)`),
  output: outputFlag,
  theme: wanted("theme", "light, dark or mono (default: light)"),
  only: wanted("only", "Draw only this region of cmk: lifecycle or rotation; or a region of another machine"),
  scale: Flag.Finite("scale").pipe(Flag.withDescription("Pixels of a png for each unit (default: 2)"), Flag.optional),
  depth: Flag.Int("depth").pipe(
    Flag.withDescription("Show states of this many levels; a deeper one is shown as the number of states inside"),
    Flag.optional
  ),
  watch: Flag.Boolean("watch").pipe(
    Flag.withDescription("Draw again when the file of the machine, or the history, changes"),
    Flag.withDefault(false)
  ),
  title: wanted("title", "Title of the drawing"),
  path: wanted("path", "Steps to draw: CreateKey,DisableKey,…; a refused step ends the path with exit code 3"),
  key: wanted("key", "Highlight the state of this key: id, ARN or alias"),
  history: wanted(
    "history",
    "Highlight the state of the key in this file, which keystate history wrote; - for standard input"
  ),
  at: Flag.Int("at").pipe(Flag.withDescription("With --key or --history: the state after this event"), Flag.optional)
} as const

type Drawing = Command.Command.Config.Infer<typeof drawingFlags>

const momentsFor = Effect.fnUntraced(function* (target: ReadTarget, { key, history, at, path }: Drawing) {
  const given = [key, history, path].filter(Option.isSome)
  if (given.length > 1) return yield* userError("Give only one of --key, --history and --path.")
  if (Option.isNone(key) && Option.isNone(history)) {
    return Option.isNone(at) ? undefined : yield* userError("--at needs --key or --history.")
  }
  const lines = Option.isSome(key)
    ? yield* historyOf(target, key.value)
    : yield* readHistory(Option.getOrElse(history, () => ""))
  return yield* momentsUntil(lines, Option.getOrUndefined(at))
})

const draw = Effect.fn("diagram.draw")(function* (target: ReadTarget, settings: Drawing) {
  yield* onlyAs([], "a drawing has the format of --format.")
  if (settings.watch) return yield* follow(settings)
  const moments = yield* momentsFor(target, settings)
  const end = moments?.at(-1)?.entry.seq
  const name = Option.getOrElse(settings.key, () => Option.getOrElse(settings.history, () => "The key"))
  const { content, refusal } = yield* made({
    machine: settings.machine,
    region: Option.getOrUndefined(settings.only),
    depth: Option.getOrUndefined(settings.depth),
    name,
    format: Option.getOrUndefined(settings.format),
    theme: Option.getOrUndefined(settings.theme),
    scale: Option.getOrUndefined(settings.scale),
    path: Option.getOrUndefined(settings.path),
    output: Option.getOrUndefined(settings.output),
    title: Option.getOrElse(settings.title, () => (end === undefined ? undefined : titleAfter(name, end))),
    moments,
    past: Option.isSome(settings.at)
  })
  yield* deliver(settings.output, content)
  if (refusal !== undefined) yield* ending(3, refusal)
})

const machinesListed = Effect.forEach(machineNames, (name) =>
  Effect.map(machineOf(name, undefined, undefined), ({ title, drawing }) => ({
    name,
    states: everyState(drawing.states).filter(({ states }) => states.length === 0).length,
    lines: drawing.edges.length,
    title
  }))
)

const printMachines = Effect.flatMap(machinesListed, (value) =>
  print("diagram list", {
    value,
    normally: "table",
    table: (machines) =>
      machines.map(
        ({ lines, name, states, title }) =>
          `${name.padEnd(14)} ${String(states).padStart(2)} states ${String(lines).padStart(3)} lines  ${title}`
      ),
    items: (machines) => machines
  })
)

const list = Command.make("list", {}, () => printMachines).pipe(
  Command.withDescription("List the machines that diagram knows by name")
)

/** The earlier name of `list`. */
const ls = Command.make("ls", {}, () => printMachines).pipe(Command.unlisted)

/** The dialects that have a table beside that of the CMK machine. */
const tabled = ["cmk", ...Object.keys(otherDialects)] as const

const outcomesOf = Effect.fnUntraced(function* (name: string) {
  const dialect = Object.hasOwn(otherDialects, name) ? otherDialects[name] : undefined
  if (dialect === undefined) {
    if (name === "cmk") return undefined
    return yield* userError(`No table has the name ${name}. Give one of ${tabled.join(", ")}.`)
  }
  const { dialectOutcomes } = yield* Effect.promise(() => import("../../conformance/dialects/states.ts"))
  return dialectOutcomes(dialect)
})

const table = Command.make(
  "table",
  {
    machine: Argument.String("machine").pipe(
      Argument.withDescription(`The machine: ${tabled.join(", ")}`),
      Argument.withDefault("cmk")
    ),
    format: Flag.Literals("format", tableFormats).pipe(
      Flag.withDescription("Format of the table (default: md)"),
      Flag.withDefault("md")
    ),
    output: outputFlag
  },
  ({ machine, format, output }) =>
    Effect.andThen(
      onlyAs([], "the table has the format of --format."),
      Effect.flatMap(outcomesOf(machine), (outcomes) => deliver(output, stateTable(format, outcomes)))
    )
).pipe(Command.withDescription("Print which operation is legal in which state of which kind of key"))

export const diagram = Command.make("diagram", { drawing: drawingFlags, target: readFlags }, ({ target, drawing }) =>
  draw(target, drawing)
).pipe(
  Command.withSubcommands([list, ls, table, check, update]),
  Command.withExamples([
    { command: "keystate diagram cmk -o lifecycle.svg", description: "The lifecycle of a key as a picture" },
    {
      command: "keystate diagram --key alias/orders --endpoint http://127.0.0.1:8787 -o orders.png",
      description: "The present state of a key"
    },
    {
      command: 'keystate diagram --path "CreateKey,DisableKey,Encrypt" --format text',
      description: "Where a path of operations leads"
    },
    { command: "keystate diagram aws --format text", description: "The machine of another service" },
    { command: "keystate diagram ./my-machine.ts#machine -o m.svg", description: "Any other machine" }
  ])
)
