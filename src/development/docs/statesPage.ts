/** docs/states.md, generated from the machine, its gate, its deadlines and its invariants. */
import type { DeadlineKind } from "../../../machines/vocabulary.ts"
import { invariants } from "../../../machines/invariants.ts"
import { drawings } from "../../visualizer/legends.ts"
import type { Chart } from "../../visualizer/model/chart.ts"
import type { Drawing, DrawnState } from "../../visualizer/model/drawing.ts"
import { toMermaid } from "../../visualizer/writers/mermaid.ts"
import { stateTableMarkdown } from "../../visualizer/keys/stateTable.ts"

const intro = `# The states of a key

Generated from \`machines/\` by \`npm run docs\`; do not edit.

A customer master key is in two regions at once. *Lifecycle* says whether it may be used: \`KeyState\` in the API.
*Rotation* says whether new primary versions are made for it: \`AutomaticRotation\` in the API. There \`Disabled\` stands
for \`Unsupported\`, and asymmetric keys have no such member. An event of a request has the name of its operation.
Time causes the events \`MaterialExpired\`, \`DeletionDue\` and \`RotationDue\`. Use causes \`VersionExhausted\`: a version in
a token has sealed as many messages as it may.

An arrow's label has one line for each event, with its condition in brackets. \`else\` means that no arrow above it with
the same event was taken. A label that is only a bracket needs no event.
`

const gate = `A request is checked in this order: the existence of the key, its owner, its origin, its state, its kind and its usage. A
key of a cloud service accepts only operations that read it. Only the three operations of import check the origin. The
parameters are checked last: deletion protection, the fingerprint of imported material, the spacing and number of versions.
\`ReEncrypt\` is checked twice, once for each key. \`UpdateAlias\` concerns the key the alias is moved to.
`

const deadlineNotes = {
  DeletionDue:
    "ScheduleKeyDeletion sets it, CancelKeyDeletion removes it. Material and aliases are deleted with the key.",
  MaterialExpired: "ImportKeyMaterial sets or removes it, DeleteKeyMaterial removes it. The material is erased.",
  RotationDue:
    "The newest version's instant plus the interval. UpdateRotationPolicy sets or removes it. While rotation is " +
    "Suspended it is stored and not due. If its time has passed, it is performed once when the key is Enabled again."
} as const satisfies Record<DeadlineKind, string>

const deadlineRules = `Every accepted event begins a new epoch of the key. A deadline stores the epoch in which it was set, and its event names
both. The event changes nothing if it is early, or if the deadline was moved, met or removed.
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
    ["event", "transition", "notes"],
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
