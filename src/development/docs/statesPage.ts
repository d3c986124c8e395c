/** docs/states.md, written from the machine, its gate, its deadlines and its invariants. */
import type { DeadlineKind } from "../../../machines/vocabulary.ts"
import { invariants } from "../../../machines/invariants.ts"
import { drawings } from "../../visualizer/legends.ts"
import type { Chart } from "../../visualizer/model/chart.ts"
import type { Drawing, DrawnState } from "../../visualizer/model/drawing.ts"
import { toMermaid } from "../../visualizer/writers/mermaid.ts"
import { stateTableMarkdown } from "../../visualizer/keys/stateTable.ts"

const intro = `# The states of a key

Generated from \`machines/\` by \`npm run docs\`; do not edit.

A customer master key lives in two regions at once. *Lifecycle* says whether it may be used: \`KeyState\` in the API.
*Rotation* says whether new primary versions are made for it: \`AutomaticRotation\` in the API, which says \`Disabled\`
for \`Unsupported\` and nothing at all for asymmetric keys. Requests carry the name of their operation; what time brings
is a fact: \`MaterialExpired\`, \`DeletionDue\`, \`RotationDue\`; and so is \`VersionExhausted\`, which use brings: a version
in a token that has sealed as many messages as it may.

An arrow's label has one line for each event, with what must hold in brackets. \`else\` means that none of the arrows
above it with the same event was taken; a label that is only a bracket needs no event.
`

const gate = `A request is checked in this order: does the key exist, is it managed by a cloud service, is its origin right (only for
the three operations of import), is its state right, are its kind and usage right. What the request carries comes last:
deletion protection, the fingerprint of imported material, the spacing and number of versions. \`ReEncrypt\` is asked
twice, once for each end; \`UpdateAlias\` concerns the key the alias is moved to.
`

const deadlineNotes = {
  DeletionDue: "ScheduleKeyDeletion sets it, CancelKeyDeletion lifts it. Material and aliases go with the key.",
  MaterialExpired: "ImportKeyMaterial sets it or lifts it, DeleteKeyMaterial lifts it. The material is erased.",
  RotationDue:
    "The newest version's instant plus the interval; UpdateRotationPolicy sets it or lifts it. While rotation is " +
    "Suspended it is kept and not due; past due, it is carried out once when the key is Enabled again."
} as const satisfies Record<DeadlineKind, string>

const deadlineRules = `Every accepted event begins a new epoch of the key. A deadline remembers the epoch it was set in, and the fact that
answers it names both: a fact that is early, or whose deadline was moved, met or lifted, changes nothing.
`

const region = (drawing: Drawing, name: string): ReadonlyArray<DrawnState> =>
  drawing.states.find((state) => state.name === name)?.states ?? []

const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string =>
  [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n") + "\n"

const statesOf = (drawing: Drawing, name: string): string =>
  table(
    [name, "meaning"],
    region(drawing, name).map((state) => [`\`${state.name}\``, state.description ?? ""])
  )

const last = (path: ReadonlyArray<string>): string => path[path.length - 1] ?? ""

const movesOf = (chart: Chart, event: string): string =>
  chart.transitions
    .filter(({ trigger }) => trigger._tag === "Event" && trigger.event === event)
    .map(({ source, targets: [target] }) => `${last(source)} → ${last(target ?? source)}`)
    .join("<br/>")

const deadlineTable = (chart: Chart): string =>
  table(
    ["fact", "moves", "notes"],
    Object.entries(deadlineNotes).map(([kind, note]) => [`\`${kind}\``, movesOf(chart, kind), note])
  )

const invariantList = (): string => invariants.map(({ id, sentence }) => `- ${sentence} (\`${id}\`)`).join("\n") + "\n"

export const generateStatesPage = (): string => {
  const { cmk } = drawings
  return [
    intro,
    `\`\`\`mermaid\n${toMermaid(cmk)}\`\`\`\n`,
    "## States\n",
    statesOf(cmk, "lifecycle"),
    statesOf(cmk, "rotation"),
    "## What is legal in which state\n",
    gate,
    stateTableMarkdown(),
    "## Deadlines\n",
    deadlineTable(cmk.chart),
    deadlineRules,
    "## Invariants\n",
    "These hold in every configuration a key can reach. Tests visit them all, and every commit is checked.\n",
    invariantList()
  ].join("\n")
}
