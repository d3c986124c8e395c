/** A machine's diagram in the page, drawn by the same code as on the command line. */
import { useEffect, useRef } from "react"
import { knownMachines } from "../../../visualizer/drawings.ts"
import type { MachineName } from "../../../visualizer/drawings.ts"
import { svg } from "../../../visualizer/svg/svg.ts"
import type { SvgOptions } from "../../../visualizer/svg/svg.ts"
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
    // Written by our own writer, which escapes all text; as XML, so that nothing in it is ever a script.
    const parsed = new DOMParser().parseFromString(text, "image/svg+xml").documentElement
    parsed.setAttribute("role", "img")
    parsed.setAttribute("aria-label", name)
    parsed.removeAttribute("aria-labelledby")
    box.current?.replaceChildren(document.importNode(parsed, true))
  }, [text, name])
  return <div className="chart" ref={box} tabIndex={0} role="group" aria-label={name} />
}
