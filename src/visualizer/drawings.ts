/** The machines of this project, each with its drawing and stored layout, which needs no layout engine. */
import type { AnyStateMachine } from "xstate"
import type { Drawing } from "./model/drawing.ts"
import type { Geometry } from "./layout/geometry.ts"
import cmkGeometry from "./geometry/cmk.json" with { type: "json" }
import cmkCells from "./geometry/cmk.cells.json" with { type: "json" }
import importSessionGeometry from "./geometry/importSession.json" with { type: "json" }
import importSessionCells from "./geometry/importSession.cells.json" with { type: "json" }
import { drawings, machines, titles } from "./legends.ts"
import type { MachineName } from "./legends.ts"

/** A machine that Keystate draws, with its layout. */
export interface KnownMachine {
  readonly title: string
  readonly machine: AnyStateMachine
  readonly drawing: Drawing
  /** In pixels for pictures, and in cells for terminals. */
  readonly geometry: Geometry
  readonly cells: Geometry
}

const known = (name: MachineName, geometry: Geometry, cells: Geometry): KnownMachine => ({
  title: titles[name],
  machine: machines[name],
  drawing: drawings[name],
  geometry,
  cells
})

/** The machines of Keystate, laid out. */
export const knownMachines = {
  cmk: known("cmk", cmkGeometry, cmkCells),
  importSession: known("importSession", importSessionGeometry, importSessionCells)
} as const satisfies Record<MachineName, KnownMachine>

export type { MachineName } from "./legends.ts"

export const isMachineName = (name: string): name is MachineName => Object.hasOwn(knownMachines, name)
