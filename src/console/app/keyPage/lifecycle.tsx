/** Where the key stands in its life: drawn, and the same in words; to keep as a file. */
import { cmkMachine } from "../../../../machines/cmk.ts"
import { knownMachines } from "../../../visualizer/drawings.ts"
import { lineText } from "../../../visualizer/drawing.ts"
import { toMermaid } from "../../../visualizer/mermaid.ts"
import { svg } from "../../../visualizer/svg.ts"
import { toJson } from "../../../visualizer/writers/json.ts"
import type { KeyRow } from "../../protocol.ts"
import { readHistory } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button } from "../parts/basic.tsx"
import { Chart } from "../parts/chart.tsx"
import { downloadPng, downloadText } from "../parts/download.ts"
import { meaningOf, StateBadge, wordOf } from "../parts/state.tsx"

const { drawing, geometry } = knownMachines.cmk

const activeOf = ({ rotation, state }: Pick<KeyRow, "rotation" | "state">): ReadonlyArray<string> => [
  `state.lifecycle.${state}`,
  `state.rotation.${rotation}`
]

export const LifecycleTab = ({ row }: { readonly row: KeyRow }) => {
  const { region } = useConsole()
  const history = useLoaded(() => readHistory(region, row.keyId), `${region} ${row.keyId} ${row.epoch}`)
  const active = activeOf(row)
  const visited = (history.reply?.visited ?? []).map((state) => `state.lifecycle.${state}`)
  const marks = { active, visited: visited.filter((state) => !active.includes(state)) }
  const name = `The life of this key: now ${wordOf(row.state)}, rotation ${row.rotation}`
  const picture = (): string => svg(drawing, geometry, marks)
  const file = (ending: string): string => `${row.keyId}.${ending}`
  return (
    <>
      <Chart machine="cmk" name={name} options={marks} />
      <div className="row">
        <span className="quiet small">Download</span>
        <Button small onClick={() => downloadText(picture(), file("svg"), "image/svg+xml")}>
          SVG
        </Button>
        <Button small onClick={() => void downloadPng(picture(), file("png"))}>
          PNG
        </Button>
        <Button small onClick={() => downloadText(toMermaid(cmkMachine), file("mmd"), "text/plain")}>
          Mermaid
        </Button>
        <Button
          small
          onClick={() => downloadText(toJson(drawing, geometry, { active }), file("json"), "application/json")}
        >
          JSON
        </Button>
      </div>
      <div className="columns">
        <FromHere state={row.state} />
        <section className="card">
          <h2>Now</h2>
          <dl className="fields">
            <dt>State</dt>
            <dd>
              <StateBadge state={row.state} /> <span className="quiet">{meaningOf(row.state)}</span>
            </dd>
            <dt>Rotation</dt>
            <dd>{row.rotation}</dd>
            <dt>Material</dt>
            <dd>{row.materialPresent ? "present" : "not here"}</dd>
            <dt>Been in</dt>
            <dd>{history.reply === undefined ? "…" : history.reply.visited.map(wordOf).join(", ")}</dd>
            <dt>Events</dt>
            <dd>{row.epoch}</dd>
          </dl>
        </section>
      </div>
    </>
  )
}

/** The drawing's arrows from here, as sentences. */
const FromHere = ({ state }: { readonly state: string }) => {
  const here = `state.lifecycle.${state}`
  const edges = drawing.edges.filter(({ source }) => source === here)
  const wordOfId = (id: string): string => wordOf(id.split(".").at(-1) ?? id)
  return (
    <section className="card">
      <h2>From {wordOf(state)} you can</h2>
      <ul className="stack tight">
        {edges.flatMap((edge) =>
          edge.lines.map((line) => (
            <li key={`${edge.id} ${lineText(line)}`}>
              {line.timed ? "in time, by " : ""}
              <code>{line.event ?? "by itself"}</code> → <strong>{wordOfId(edge.target)}</strong>
              {line.guard !== null && <span className="quiet"> if {line.guard}</span>}
            </li>
          ))
        )}
        {edges.length === 0 && <li>Nothing: this state is final.</li>}
      </ul>
    </section>
  )
}
