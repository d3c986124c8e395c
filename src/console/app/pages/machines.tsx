/** Every state machine of the service: its diagram, its transitions, its invariants, and downloads. */
import { useState } from "react"
import { invariants } from "../../../../machines/invariants.ts"
import { everyState } from "../../../visualizer/model/drawing.ts"
import { lineText } from "../../../visualizer/model/lines.ts"
import type { Drawing } from "../../../visualizer/model/drawing.ts"
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
import { ofMachine, t } from "../text/text.ts"

interface Writer {
  readonly word: string
  readonly extension: string
  readonly write: (name: MachineName) => string
}

/** What `keystate diagram MACHINE` writes in each format. */
const writers: ReadonlyArray<Writer> = [
  {
    word: "SVG",
    extension: "svg",
    write: (name) => {
      const { drawing, geometry, title } = knownMachines[name]
      return `${svg(drawing, geometry, { theme: "light", title })}\n`
    }
  },
  {
    word: "Mermaid",
    extension: "mmd",
    write: (name) => toMermaid(knownMachines[name].drawing)
  },
  { word: "PlantUML", extension: "plantuml", write: (name) => toPlantuml(knownMachines[name].drawing, {}) },
  { word: "DOT", extension: "dot", write: (name) => toDot(knownMachines[name].drawing, {}) },
  { word: "SCXML", extension: "scxml", write: (name) => toScxml(knownMachines[name].drawing) },
  {
    word: "JSON",
    extension: "json",
    write: (name) => toJson(knownMachines[name].drawing, knownMachines[name].geometry, {})
  }
]

export const MachinesPage = () => {
  const [name, setName] = useState<MachineName>("cmk")
  const { drawing, title } = knownMachines[name]
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>{t("Machines")}</h1>
          <p className="quiet">{t("These diagrams are drawn from the state machines that decide every request.")}</p>
        </div>
      </div>
      <div className="stack">
        <div className="oneField">
          <Choice
            label={t("Machine")}
            value={name}
            options={Object.entries(knownMachines).map(([one, machine]) => [one, ofMachine(machine.title)] as const)}
            onChange={(value) => {
              if (isMachineName(value)) setName(value)
            }}
          />
        </div>
        <Chart machine={name} name={ofMachine(title)} options={{}} />
        <div className="row">
          <span className="quiet small">{t("Download")}</span>
          {writers.map(({ word, extension, write }) => (
            <Button key={word} small onClick={() => downloadText(write(name), `${name}.${extension}`, "text/plain")}>
              {word}
            </Button>
          ))}
        </div>
        <div className="columns">
          <Transitions drawing={drawing} />
          {name === "cmk" && <Invariants />}
        </div>
      </div>
    </>
  )
}

type Edge = Drawing["edges"][number]

const guardWord = ({ guard }: Edge["lines"][number]): string | null => (guard === null ? null : ofMachine(guard))

const causeOf = ({ lines }: Edge): string =>
  lines.length === 0
    ? t("automatically")
    : lines
        .map((line) => `${line.timed ? t("on schedule: ") : ""}${lineText({ ...line, guard: guardWord(line) })}`)
        .join("; ")

const Transitions = ({ drawing }: { readonly drawing: Drawing }) => {
  const leaves = everyState(drawing.states).filter(({ states }) => states.length === 0)
  const nameOf = (id: string): string => leaves.find((state) => state.id === id)?.path.join(" ") ?? t("Start")
  return (
    <section className="card">
      <h2>{t("Transitions")}</h2>
      <ul className="stack tight">
        {drawing.edges.map((edge) => (
          <li key={edge.id}>
            <strong>{nameOf(edge.source)}</strong> → <strong>{nameOf(edge.target)}</strong>
            <span className="why">{causeOf(edge)}</span>
          </li>
        ))}
      </ul>
    </section>
  )
}

const Invariants = () => (
  <section className="card">
    <h2>{t("Invariants")}</h2>
    <ul className="stack tight">
      {invariants.map(({ id, sentence }) => (
        <li key={id}>
          {ofMachine(sentence)}
          <span className="why">
            <code>{id}</code>
          </span>
        </li>
      ))}
    </ul>
  </section>
)
