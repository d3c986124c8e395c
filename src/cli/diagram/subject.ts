/** What `keystate diagram` draws: a machine of the project or of any module, and a key's path through it. */
import { existsSync } from "node:fs"
import { resolve } from "node:path"
import { Effect } from "effect"
import type { AnyStateMachine } from "xstate"
import type { CliError } from "effect/cli"
import type { Dialect } from "../../conformance/dialects/dialect.ts"
import { otherDialects } from "../../conformance/dialects/dialects.ts"
import { chartOf } from "../../visualizer/model/chart.ts"
import { drawingOf, stateId } from "../../visualizer/model/drawing.ts"
import type { Drawing } from "../../visualizer/model/drawing.ts"
import { isMachineName, knownMachines } from "../../visualizer/drawings.ts"
import { activeIn } from "../../visualizer/keys/history.ts"
import { told } from "../../visualizer/keys/keyMarks.ts"
import { layout } from "../../visualizer/layout/layout.ts"
import { pixels } from "../../visualizer/layout/metrics.ts"
import { collapsed, cropped, deeperThan, regionNames, regionOf } from "../../visualizer/model/region.ts"
import type { Subject } from "../../visualizer/render.ts"
import type { SvgOptions } from "../../visualizer/svg/svg.ts"
import { linesTaken, statesVisited, stepsKept, walk } from "../../visualizer/keys/walk.ts"
import { cells } from "../../visualizer/writers/ascii.ts"
import { loadModule } from "../loadModule.ts"
import { userError } from "../output/userError.ts"

type Whole = Omit<Subject, "options"> & { readonly title: string }

const known = (name: keyof typeof knownMachines): Whole => {
  const { title, drawing, geometry, cells: letters } = knownMachines[name]
  return { title, drawing, geometry: Effect.succeed(geometry), cells: Effect.succeed(letters) }
}

/** The names of the machines: those of the project, and those of the services that the conformance suite knows. */
export const machineNames: ReadonlyArray<string> = [...Object.keys(knownMachines), ...Object.keys(otherDialects)]

/** The machine that the suite expects of another service. Its modules are loaded only for it. */
const ofDialect = Effect.fnUntraced(function* (dialect: Dialect) {
  const { dialectDrawing } = yield* Effect.promise(() => import("../../conformance/dialects/states.ts"))
  const drawing = dialectDrawing(dialect)
  return {
    title: `The life of a key: ${dialect.name}`,
    drawing,
    geometry: layout(drawing, pixels),
    cells: layout(drawing, cells)
  } satisfies Whole
})

/** Checks the shape, so that a machine of another copy of XState is accepted too. */
const looksLikeMachine = (value: unknown): value is AnyStateMachine =>
  typeof value === "object" && value !== null && "root" in value && "transition" in value && "config" in value

/** The machines that a module exports, by their names. */
const machinesIn = (module: object): ReadonlyMap<string, AnyStateMachine> =>
  new Map(
    Object.entries<unknown>({ ...module }).flatMap(([name, value]) => (looksLikeMachine(value) ? [[name, value]] : []))
  )

/** The machine with this name. Without a name, the only machine. */
const chosenFrom = (
  machines: ReadonlyMap<string, AnyStateMachine>,
  name: string | undefined
): AnyStateMachine | undefined => {
  if (name !== undefined) return machines.get(name)
  return machines.size === 1 ? [...machines.values()][0] : undefined
}

/** `./my-machine.ts#machine`. Without a name, the only machine that the module exports. */
const foreign = Effect.fnUntraced(function* (named: string) {
  const [file = "", name] = named.split("#")
  const path = resolve(file)
  if (!existsSync(path)) {
    return yield* userError(`No machine and no file is named ${file}. Give ${machineNames.join(", ")}, or FILE#EXPORT.`)
  }
  const loaded: object = yield* Effect.tryPromise({
    try: () => loadModule(path),
    catch: (cause) => userError(`${file} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`)
  })
  const machines = machinesIn(loaded)
  const machine = chosenFrom(machines, name)
  if (machine === undefined) {
    if (machines.size === 0) return yield* userError(`${file} exports no XState machine.`)
    const missing = name === undefined ? "more than one machine" : `no machine ${name}`
    const names = [...machines.keys()].join(", ")
    return yield* userError(`${file} exports ${missing}. Name one as ${file}#EXPORT: ${names}.`)
  }
  const drawing = yield* Effect.try({
    try: () => drawingOf(chartOf(machine)),
    catch: (cause) => userError(cause instanceof Error ? cause.message : String(cause))
  })
  return {
    title: `The states of ${machine.id}`,
    drawing,
    geometry: layout(drawing, pixels),
    cells: layout(drawing, cells)
  } satisfies Whole
})

const wholeOf = (named: string): Effect.Effect<Whole, CliError.UserError> => {
  if (isMachineName(named)) return Effect.succeed(known(named))
  const dialect = Object.hasOwn(otherDialects, named) ? otherDialects[named] : undefined
  return dialect === undefined ? foreign(named) : ofDialect(dialect)
}

/** States below the given level are closed, and the chart is laid out again. */
const closedBelow = (whole: Whole, depth: number): Whole => {
  const drawing = collapsed(whole.drawing, deeperThan(depth))
  return { ...whole, drawing, geometry: layout(drawing, pixels), cells: layout(drawing, cells) }
}

/** A machine by its name or its module: all of it, one region, or the outer levels. */
export const machineOf = Effect.fnUntraced(function* (
  named: string,
  region: string | undefined,
  depth: number | undefined
) {
  if (depth !== undefined && depth < 1)
    return yield* userError(`--depth takes a whole number of at least 1, not ${depth}.`)
  const all = yield* wholeOf(named)
  const whole = depth === undefined ? all : closedBelow(all, depth)
  if (region === undefined) return whole
  const drawing = regionOf(whole.drawing, region)
  if (drawing === undefined) {
    const names = regionNames(whole.drawing)
    return yield* userError(
      `${named} has no region ${region}. ${names.length === 0 ? "It has no regions." : `Its regions are ${names.join(", ")}.`}`
    )
  }
  return {
    ...whole,
    title: `${whole.title}: ${region}`,
    drawing,
    geometry: Effect.map(whole.geometry, (laidOut) => cropped(laidOut, drawing, pixels.boxPadding)),
    cells: Effect.map(whole.cells, (laidOut) => cropped(laidOut, drawing, cells.boxPadding))
  }
})

export interface Marked {
  readonly options: SvgOptions
  /** The message of a refused step. */
  readonly refusal: string | undefined
}

/** A path over the drawing of a CMK. */
export const pathMarks = Effect.fnUntraced(function* (drawing: Drawing, path: string) {
  const walked = walk(path.split(",").map((name) => name.trim()))
  if (walked._tag === "NoPath") return yield* userError(walked.message)
  const { steps, refusal } = walked
  const end = steps.at(-1)
  if (end === undefined) return yield* userError("The path has no steps.")
  const options: SvgOptions = {
    active: activeIn(end.snapshot),
    visited: statesVisited(steps),
    path: linesTaken(drawing, steps),
    kept: stepsKept(drawing, steps),
    told: told(steps)
  }
  if (refusal === undefined) return { options, refusal: undefined } satisfies Marked
  const { number, name } = refusal
  const { code, hint, keyState } = refusal.refusal
  const refused = { state: stateId(["lifecycle", keyState]), number: String(number), event: name, code }
  return {
    options: { ...options, refused },
    refusal: `Step ${number}, ${name}, is refused in ${keyState}: ${code}. ${hint}`
  } satisfies Marked
})
