/** The machines of this project as drawings, with explanations that their definitions lack. */
import { cmkMachine } from "../../machines/cmk.ts"
import type { DeadlineKind } from "../../machines/vocabulary.ts"
import { importFailuresMax, importSessionMachine } from "../../machines/importSession.ts"
import { chartOf } from "./model/chart.ts"
import { drawingOf } from "./model/drawing.ts"
import type { Drawing } from "./model/drawing.ts"
import type { Legend } from "./model/lines.ts"

/** Every machine of the project. */
export const machines = { cmk: cmkMachine, importSession: importSessionMachine } as const

/** The name of a machine of Keystate. */
export type MachineName = keyof typeof machines

export const titles = {
  cmk: "The life of a customer master key",
  importSession: "The life of an import token"
} as const satisfies Record<MachineName, string>

const cmkLegend: Legend = {
  plain: true,
  passed: ["lifecycle.Creating", "rotation.Choosing"],
  timers: {
    DeletionDue: "deletionIsDue",
    MaterialExpired: "expiryIsDue",
    RotationDue: "rotationIsDue"
  } satisfies Record<DeadlineKind, string>,
  begins: { lifecycle: "CreateKey" },
  guards: {
    isExternal: "Origin EXTERNAL",
    isSameMaterial: "same material",
    mayBeDeleted: "not protected",
    hasMaterial: "material present",
    cannotRotate: "cannot rotate",
    policyIsOn: "policy on",
    turnsPolicyOn: "turned on",
    isEnabled: "lifecycle Enabled",
    isAsymmetric: "asymmetric"
  }
}

const importSessionLegend: Legend = {
  plain: true,
  timers: { TokenExpired: "isPast" },
  begins: { "": "GetParametersForImport" },
  guards: { isLastFailure: `${importFailuresMax}th time`, isUsedUp: `refused ${importFailuresMax} times` }
}

export const drawings = {
  cmk: drawingOf(chartOf(machines.cmk), cmkLegend),
  importSession: drawingOf(chartOf(machines.importSession), importSessionLegend)
} as const satisfies Record<MachineName, Drawing>
