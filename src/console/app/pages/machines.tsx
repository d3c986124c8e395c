/** Every machine the service is made of: drawn, in words, to keep as files; and what always holds. */
import { useState } from "react"
import { invariants } from "../../../../machines/invariants.ts"
import { everyState, lineText } from "../../../visualizer/model/drawing.ts"
import { isMachineName, knownMachines } from "../../../visualizer/drawings.ts"
import type { MachineName } from "../../../visualizer/drawings.ts"
import { toMermaid } from "../../../visualizer/writers/mermaid.ts"
import { svg } from "../../../visualizer/svg/svg.ts"
import { toDot } from "../../../visualizer/writers/dot.ts"
import { toJson } from "../../../visualizer/writers/json.ts"
import { toPlantuml } from "../../../visualizer/writers/plantuml.ts"
import { toScxml } from "../../../visualizer/writers/scxml.ts"
import { Button, Choice } from "../parts/basic.tsx"
import { Chart } from "../parts/chart.tsx"
import { downloadText } from "../parts/download.ts"

/** What `keystate diagram MACHINE` writes in each format. */
const writers: Readonly<Record<string, (name: MachineName) => string>> = {
  svg: (name) => {
    const { drawing, geometry, title } = knownMachines[name]
    return `${svg(drawing, geometry, { theme: "light", title })}\n`
  },
  mermaid: (name) => toMermaid(knownMachines[name].machine, { region: undefined, active: [] }),
  plantuml: (name) => toPlantuml(knownMachines[name].drawing, {}),
  dot: (name) => toDot(knownMachines[name].drawing, {}),
  scxml: (name) => toScxml(knownMachines[name].drawing),
  json: (name) => toJson(knownMachines[name].drawing, knownMachines[name].geometry, {})
}

const words: Readonly<Record<string, string>> = { mermaid: "Mermaid", plantuml: "PlantUML" }

export const MachinesPage = () => {
  const [name, setName] = useState<MachineName>("cmk")
  const { drawing, title } = knownMachines[name]
  const leaves = everyState(drawing.states).filter(({ states }) => states.length === 0)
  const nameOf = (id: string): string => {
    const found = leaves.find((state) => state.id === id)
    return found === undefined ? "The beginning" : found.path.join(" ")
  }
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Machines</h1>
          <p className="quiet">What is drawn here is what decides: the machine that answers every request.</p>
        </div>
      </div>
      <div className="stack">
        <div className="columns">
          <Choice
            label="Machine"
            value={name}
            options={Object.entries(knownMachines).map(([one, machine]) => [one, machine.title] as const)}
            onChange={(value) => {
              if (isMachineName(value)) setName(value)
            }}
          />
        </div>
        <Chart machine={name} name={title} options={{}} />
        <div className="row">
          <span className="quiet small">Download</span>
          {Object.entries(writers).map(([format, write]) => (
            <Button
              key={format}
              small
              onClick={() =>
                downloadText(write(name), `${name}.${format === "mermaid" ? "mmd" : format}`, "text/plain")
              }
            >
              {words[format] ?? format.toUpperCase()}
            </Button>
          ))}
        </div>
        <div className="columns">
          <section className="card">
            <h2>In words</h2>
            <ul className="stack tight">
              {drawing.edges.map((edge) => (
                <li key={edge.id}>
                  <strong>{nameOf(edge.source)}</strong> → <strong>{nameOf(edge.target)}</strong>
                  <span className="why">
                    {edge.lines.length === 0
                      ? "by itself"
                      : edge.lines.map((line) => `${line.timed ? "in time, by " : ""}${lineText(line)}`).join("; ")}
                  </span>
                </li>
              ))}
            </ul>
          </section>
          {name === "cmk" && (
            <section className="card">
              <h2>What always holds</h2>
              <ul className="stack tight">
                {invariants.map(({ id, sentence }) => (
                  <li key={id}>
                    {sentence}
                    <span className="why">
                      <code>{id}</code>
                    </span>
                  </li>
                ))}
              </ul>
            </section>
          )}
        </div>
      </div>
    </>
  )
}
