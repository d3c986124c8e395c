/** The dialect aws against the documented table of key states, cell by cell. */
import { describe, expect, it } from "vitest"
import { rules } from "../../machines/permits.ts"
import type { KeyKind, KeyOperation } from "../../machines/permits.ts"
import { aws } from "../../src/conformance/dialects/dialects.ts"
import { transitionsOf } from "../../src/conformance/explore/configurations.ts"
import { gateOf } from "../../src/conformance/predict/prediction.ts"
import { specimen } from "../../src/conformance/report/coverage.ts"
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
})
