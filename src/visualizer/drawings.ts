/** The machines of this project, each with its drawing and where everything of it lies. */
import type { AnyStateMachine } from "xstate"
import { cmkMachine } from "../../machines/cmk.ts"
import type { DeadlineKind } from "../../machines/deadlines.ts"
import { importSessionMachine } from "../../machines/importSession.ts"
import { chartOf } from "./chart.ts"
import { drawingOf } from "./drawing.ts"
import type { Drawing } from "./drawing.ts"
import type { Geometry } from "./geometry.ts"
import cmkGeometry from "./geometry/cmk.json" with { type: "json" }
import cmkCells from "./geometry/cmk.cells.json" with { type: "json" }
import importSessionGeometry from "./geometry/importSession.json" with { type: "json" }
import importSessionCells from "./geometry/importSession.cells.json" with { type: "json" }

export interface KnownMachine {
  readonly title: string
  readonly machine: AnyStateMachine
  readonly drawing: Drawing
  /** For pictures, in pixels; and for terminals, in cells. */
  readonly geometry: Geometry
  readonly cells: Geometry
}

const deadlineKinds = {
  DeletionDue: true,
  MaterialExpired: true,
  RotationDue: true
} as const satisfies Record<DeadlineKind, true>

export const knownMachines = {
  cmk: {
    title: "The life of a customer master key",
    machine: cmkMachine,
    drawing: drawingOf(chartOf(cmkMachine), Object.keys(deadlineKinds)),
    geometry: cmkGeometry,
    cells: cmkCells
  },
  importSession: {
    title: "The life of an import token",
    machine: importSessionMachine,
    drawing: drawingOf(chartOf(importSessionMachine), ["TokenExpired"]),
    geometry: importSessionGeometry,
    cells: importSessionCells
  }
} as const satisfies Record<string, KnownMachine>

export type MachineName = keyof typeof knownMachines

export const isMachineName = (name: string): name is MachineName => Object.hasOwn(knownMachines, name)
