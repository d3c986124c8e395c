/** A machine's diagram in the page, drawn by the same code as on the command line. */
import { useEffect, useRef } from "react"
import { knownMachines } from "../../../visualizer/drawings.ts"
import type { MachineName } from "../../../visualizer/drawings.ts"
import { svg } from "../../../visualizer/svg/svg.ts"
import type { SvgOptions } from "../../../visualizer/svg/svg.ts"
import { elementOf } from "./drawn.ts"
import { useDark } from "./useDark.ts"

interface ChartProps {
  readonly machine: MachineName
  readonly name: string
  readonly options: SvgOptions
}

/** `name` describes the diagram for screen readers; the page shows the same facts as a list. */
export const Chart = ({ machine, name, options }: ChartProps) => {
  const dark = useDark()
  const box = useRef<HTMLDivElement>(null)
  const { drawing, geometry } = knownMachines[machine]
  const text = svg(drawing, geometry, { theme: dark ? "dark" : "light", prefix: `${machine}.`, ...options })
  useEffect(() => {
    const parsed = elementOf(text)
    parsed.setAttribute("role", "img")
    parsed.setAttribute("aria-label", name)
    parsed.removeAttribute("aria-labelledby")
    box.current?.replaceChildren(parsed)
  }, [text, name])
  return <div className="chart" ref={box} tabIndex={0} role="group" aria-label={name} />
}
