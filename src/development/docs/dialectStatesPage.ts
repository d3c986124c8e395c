/** docs/states-of-dialects.md: the lifecycle and the gate of other services, derived from the CMK machine and a dialect. */
import type { LivingState } from "../../../machines/vocabulary.ts"
import { rules } from "../../../machines/permits.ts"
import type { KeyKind, KeyOperation } from "../../../machines/permits.ts"
import { isOperation } from "../../conformance/adapters/adapter.ts"
import type { OperationName } from "../../conformance/adapters/adapter.ts"
import type { Dialect } from "../../conformance/dialects/dialect.ts"
import { dialects, vendor } from "../../conformance/dialects/dialects.ts"
import { codeIn, operationIn } from "../../conformance/dialects/inDialect.ts"
import { transitionsOf } from "../../conformance/explore/configurations.ts"
import { gateOf } from "../../conformance/predict/prediction.ts"
import { specimen } from "../../conformance/report/coverage.ts"

const intro = `# States of keys in other dialects

Generated from \`machines/\` and the dialects by \`npm run docs\`; do not edit.

The conformance suite has one machine, [that of Keystate](states.md). A dialect changes it by data: names, codes, the state
after a cancelled deletion, and single answers. This page shows the result for each other service. Operations that the service
does not have are left out. \`either\` means that the documentation of the service leaves the answer open.
`

const operationsOf = ({ operations }: Dialect): ReadonlySet<OperationName> =>
  new Set(Object.keys(operations).filter((name) => isOperation(name)))

/** The kinds of the table, each with the kind of key that stands for it. */
const kindsOf = (dialect: Dialect): ReadonlyArray<readonly [KeyKind, string]> => {
  const has = operationsOf(dialect)
  return [
    ["symmetric", "symmetric"],
    ...(has.has("ImportKeyMaterial") ? [["external", "external"] as const] : []),
    ["asymmetric", "EC_P256"]
  ]
}

const statesOf = (dialect: Dialect, kind: KeyKind): ReadonlyArray<LivingState> => {
  const has = operationsOf(dialect)
  return [
    "Enabled",
    "Disabled",
    ...(has.has("ScheduleKeyDeletion") ? (["PendingDeletion"] as const) : []),
    ...(kind === "external" ? (["PendingImport"] as const) : [])
  ]
}

const external = "  [*] --> PendingImport : CreateKey (EXTERNAL)"

/** `Enabled DisableKey Disabled` as an arrow of the drawing. The moves of all kinds are drawn once. */
const arrows = (dialect: Dialect): ReadonlyArray<string> => {
  const has = operationsOf(dialect)
  const kinds = kindsOf(dialect).map(([, kind]) => kind)
  const moves = [...transitionsOf(kinds, dialect, { has, hasClock: has.has("ScheduleKeyDeletion") })]
  const lines = moves.map((move) => {
    const [from = "", event = "", to = ""] = (move.split("|")[1] ?? "").split(" ")
    const label = isOperation(event) ? operationIn(dialect, event) : event
    return `  ${from} --> ${to} : ${label}`
  })
  const created = ["  [*] --> Enabled : CreateKey", ...(has.has("ImportKeyMaterial") ? [external] : [])]
  return [...created, ...new Set(lines.toSorted())]
}

const answer = (operation: KeyOperation, kind: KeyKind, state: LivingState, dialect: Dialect): string => {
  const { refused, open } = gateOf(operation, specimen(kind, state), dialect)
  if (open === true) return "either"
  const [code] = refused?.codes ?? []
  if (refused === undefined) return "Success"
  return code === undefined ? "refused" : `\`${codeIn(dialect, code)}\``
}

const isGated = (name: string): name is KeyOperation & OperationName => name in rules && isOperation(name)

const table = (dialect: Dialect, kind: KeyKind): ReadonlyArray<string> => {
  const states = statesOf(dialect, kind)
  const rows = [...operationsOf(dialect)].filter(isGated).map((operation) => {
    const cells = states.map((state) => answer(operation, kind, state, dialect))
    return `| ${operationIn(dialect, operation)} | ${cells.join(" | ")} |`
  })
  return [`| ${kind} keys | ${states.join(" | ")} |`, `|---|${states.map(() => "---|").join("")}`, ...rows, ""]
}

const section = (dialect: Dialect): ReadonlyArray<string> => [
  `## ${dialect.name}`,
  "",
  dialect.about,
  "",
  "```mermaid",
  "stateDiagram-v2",
  ...arrows(dialect),
  "```",
  "",
  ...kindsOf(dialect).flatMap(([kind]) => table(dialect, kind))
]

export const generateDialectStatesPage = (): string => {
  const others = Object.values(dialects).filter(({ name }) => !name.startsWith(vendor.name))
  return [intro, ...others.flatMap(section)].join("\n")
}
