/** The dialect aws against the documented table of key states, cell by cell. */
import { describe, expect, it } from "vitest"
import { rules } from "../../machines/permits.ts"
import type { KeyKind, KeyOperation } from "../../machines/permits.ts"
import { isOperation } from "../../src/conformance/adapters/adapter.ts"
import { aws, otherDialects } from "../../src/conformance/dialects/dialects.ts"
import { operationIn } from "../../src/conformance/dialects/inDialect.ts"
import { dialectDrawing, dialectOutcomes } from "../../src/conformance/dialects/states.ts"
import { transitionsOf } from "../../src/conformance/explore/configurations.ts"
import { gateOf } from "../../src/conformance/predict/prediction.ts"
import { specimen } from "../../src/conformance/report/coverage.ts"
import { toText } from "../../src/visualizer/writers/textTree.ts"
import { awsKeyStates, awsTable } from "./awsKeyStates.ts"
import type { Documented } from "./awsKeyStates.ts"

const isGate = (name: string): name is KeyOperation => name in rules

const kindFor = (operation: string, state: string): KeyKind => {
  if (operation.startsWith("Asymmetric") || operation === "GetPublicKey") return "asymmetric"
  return state === "PendingImport" || operation.includes("Material") || operation.includes("Import")
    ? "external"
    : "symmetric"
}

const cells = Object.entries(awsTable).flatMap(([operation, row]) =>
  isGate(operation)
    ? awsKeyStates.map((state, index) => ({ operation, state, documented: row[index] ?? ("none" as Documented) }))
    : []
)

const definite = cells.filter(({ documented }) => documented === "ok" || documented === "fails")

const gateIn = ({ operation, state }: (typeof cells)[number]) =>
  gateOf(operation, specimen(kindFor(operation, state), state), aws)

const nameOf = ({ operation, state }: (typeof cells)[number]): string => `${operation} ${state}`

describe("the dialect aws", () => {
  it("the dialect aws answers as the documented table of key states does", () => {
    expect(definite.length).toBeGreaterThan(65)
    const wrong = definite.filter((cell) => {
      const { refused, open } = gateIn(cell)
      return open !== true && (refused === undefined) !== (cell.documented === "ok")
    })
    expect(wrong.map(nameOf)).toEqual([])
  })

  it("the dialect aws leaves only these cells open that the table decides", () => {
    const open = definite.filter((cell) => gateIn(cell).open === true)
    expect(open.map(nameOf)).toEqual(["GetPublicKey Disabled", "GetPublicKey PendingDeletion"])
  })

  it("the lifecycle of the dialect aws is that of the machine, but a cancelled deletion leads to Disabled", () => {
    const has = new Set(["EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"] as const)
    const moves = [...transitionsOf(["symmetric"], aws, { has, hasClock: true })].map((move) => move.split("|")[1])
    expect(moves.toSorted()).toEqual([
      "Disabled DisableKey Disabled",
      "Disabled EnableKey Enabled",
      "Disabled ScheduleKeyDeletion PendingDeletion",
      "Enabled DisableKey Disabled",
      "Enabled EnableKey Enabled",
      "Enabled ScheduleKeyDeletion PendingDeletion",
      "PendingDeletion CancelKeyDeletion Disabled",
      "PendingDeletion time Deleted"
    ])
  })

  it("the tables of the dialect aws have the documented answers", () => {
    const { rows } = dialectOutcomes(aws)
    const outcomeOf = ({ operation, state }: (typeof cells)[number]): string | undefined => {
      const named = isOperation(operation) ? operationIn(aws, operation) : operation
      return rows.find(([kind, name, at]) => kind === kindFor(operation, state) && name === named && at === state)?.[3]
    }
    const wrong = definite.filter((cell) => {
      const outcome = outcomeOf(cell)
      return outcome !== "either" && (outcome === "Success") !== (cell.documented === "ok")
    })
    expect(wrong.map((cell) => `${nameOf(cell)}: ${outcomeOf(cell)}`)).toEqual([])
  })
})

describe("machines of dialects", () => {
  it("the drawing of the dialect aws has every move with its condition", () => {
    expect(toText(dialectDrawing(aws)).split("\n").slice(0, 28)).toEqual([
      "aws",
      "  start",
      "    → PendingImport: CreateKey [Origin EXTERNAL]",
      "    → Enabled: CreateKey [else]",
      "  PendingImport",
      "    → Enabled: ImportKeyMaterial",
      "    → PendingDeletion: ScheduleKeyDeletion",
      "  Enabled",
      "    → PendingImport: DeleteImportedKeyMaterial [Origin EXTERNAL]",
      "    → PendingImport: MaterialExpired (by time)",
      "    → Disabled: DisableKey",
      "    → PendingDeletion: ScheduleKeyDeletion",
      "    ↻ ImportKeyMaterial [Origin EXTERNAL]",
      "    ↻ EnableKey",
      "  Disabled",
      "    → PendingImport: DeleteImportedKeyMaterial [Origin EXTERNAL]",
      "    → PendingImport: MaterialExpired (by time)",
      "    → Enabled: EnableKey",
      "    → PendingDeletion: ScheduleKeyDeletion",
      "    ↻ ImportKeyMaterial [Origin EXTERNAL]",
      "    ↻ DisableKey",
      "  PendingDeletion",
      "    → PendingImport: CancelKeyDeletion [no material]",
      "    → Disabled: CancelKeyDeletion [else]",
      "    → Deleted: DeletionDue (by time)",
      "  Deleted (final)",
      ""
    ])
  })

  it("the drawing of a dialect without deletion dates and imports has no such states", () => {
    const states = Object.values(otherDialects).map((dialect) => [
      dialect.name,
      dialectDrawing(dialect).states.map(({ name }) => name)
    ])
    expect(Object.fromEntries(states)).toEqual({
      aws: ["PendingImport", "Enabled", "Disabled", "PendingDeletion", "Deleted"],
      vault: ["Enabled", "Disabled"],
      google: ["Enabled", "Disabled", "PendingDeletion", "Deleted"]
    })
  })
})
