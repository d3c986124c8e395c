/** A counterexample drawn on the lifecycle: the arrows of its steps, and the state where the law broke. */
import { stateId } from "../../visualizer/model/drawing.ts"
import { knownMachines } from "../../visualizer/drawings.ts"
import { pixels } from "../../visualizer/layout/metrics.ts"
import { cropped, regionOf } from "../../visualizer/model/region.ts"
import { svg } from "../../visualizer/svg/svg.ts"
import type { Counterexample } from "./report.ts"

const region = "lifecycle"
const start = `start.${region}`

const idOf = (state: string): string => (state === "" ? start : stateId([region, state]))

export const lifecycleSvg = ({ law, sentence, finding, steps }: Counterexample): string => {
  const { drawing: whole, geometry } = knownMachines.cmk
  const drawing = regionOf(whole, region)
  if (drawing === undefined) throw new Error("the machine of a key has a lifecycle")
  const taken = new Map<string, Array<number>>()
  for (const { number, before, after } of steps) {
    const edge = drawing.edges.find(({ source, target }) => source === idOf(before) && target === idOf(after))
    if (after !== "" && edge !== undefined) taken.set(edge.id, [...(taken.get(edge.id) ?? []), number])
  }
  const rested = [...new Set(steps.flatMap(({ after }) => (after === "" ? [] : [idOf(after)])))]
  const last = steps.findLast(({ ok, after }) => !ok && after !== "")?.after
  return svg(drawing, cropped(geometry, drawing, pixels.boxPadding), {
    title: `${law}: ${sentence}`,
    description: `${finding} ${steps.map(({ number, text, got }) => `${number}. ${text}: ${got || "done"}`).join("; ")}`,
    visited: rested,
    path: [...taken].map(([edge, numbers]) => ({ edge, numbers: numbers.join(", ") })),
    ...(last === undefined ? {} : { active: [idOf(last)] })
  })
}
