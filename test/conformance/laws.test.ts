/** The laws: ids, sources and operations; and the model compared with the table of the vendor. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { create, freeze, revive } from "../../machines/cmk.ts"
import type { LifecycleState } from "../../machines/vocabulary.ts"
import { rules } from "../../machines/permits.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import { isOperation } from "../../src/conformance/adapters/adapter.ts"
import { dialects, vendor } from "../../src/conformance/dialects/dialects.ts"
import { kindOf } from "../../src/conformance/model/kinds.ts"
import { lawOf, laws } from "../../src/conformance/lawbook/laws.ts"
import type { ModelKey } from "../../src/conformance/model/model.ts"
import { gateOf } from "../../src/conformance/predict/prediction.ts"
import { parseReplay } from "../../src/conformance/counterexamples/replay.ts"

describe("the laws of the suite", () => {
  it("the laws have unique ids of one form", () => {
    expect(laws.length).toBeGreaterThanOrEqual(60)
    expect(new Set(laws.map(({ id }) => id)).size).toBe(laws.length)
    expect(laws.filter(({ id }) => !/^KMS-[A-Z]{2,3}-\d{3}$/.test(id))).toEqual([])
  })

  it("each law has one sentence, and a source", () => {
    expect(new Set(laws.map(({ sentence }) => sentence)).size).toBe(laws.length)
    expect(laws.filter(({ sentence, source }) => !/^[A-Z][^\n]*\.$/.test(sentence) || source.length < 5)).toEqual([])
  })

  it("the laws name only operations that the suite calls", () => {
    expect(laws.flatMap(({ needs }) => needs.operations.filter((operation) => !isOperation(operation)))).toEqual([])
  })

  it("lawOf finds a law by its id", () => {
    expect(lawOf("KMS-LC-003").sentence).toBe("A Disabled key never decrypts.")
    expect(() => lawOf("KMS-XX-001")).toThrow("no law KMS-XX-001")
  })
})

const rows = readFileSync(new URL("../machines/state-table.csv", import.meta.url), "utf8")
  .trim()
  .split("\n")
  .slice(1)
  .map((line) => line.split(","))

const families: Readonly<Record<string, ReadonlyArray<string>>> = {
  symmetric: ["symmetric"],
  external: ["external"],
  asymmetric: ["EC_P256", "RSA_2048 encrypt"],
  any: ["symmetric", "external", "EC_P256"]
}

const keyIn = (kind: string, lifecycle: LifecycleState): ModelKey => {
  const { next } = create({
    ...kindOf(kind).identity,
    newestVersionId: "v",
    newestVersionAt: 0,
    rotationIntervalMillis: null
  })
  const stored = freeze(next)
  const snapshot = revive({ ...stored, value: { ...stored.value, lifecycle } })
  return { label: "k", kind, snapshot, createdAt: 0, versions: [], description: "", tags: {}, because: "KMS-LC-014" }
}

const isGate = (name: string): name is KeyOperation => name in rules
const states: ReadonlyArray<LifecycleState> = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"]

/** A row for a kind of key takes precedence over the row for any kind. */
const hasOwnRow = (operation: string, kind: string): boolean =>
  rows.some(
    ([name, family = ""]) => name === operation && family !== "any" && families[family]?.includes(kind) === true
  )

/** The outcome of the row, except if the usage of the key pair decides: then that of one kind of pair. */
const agrees = (operation: KeyOperation, kind: string, state: LifecycleState, told: string): boolean => {
  const { refused, open } = gateOf(operation, keyIn(kind, state), vendor)
  if (open === true) return true
  return told === "Success" ? refused === undefined : refused?.codes.some((code) => code === told) === true
}

describe("the model", () => {
  const cells = rows.flatMap(([operation = "", family = "", ...told]) =>
    isGate(operation)
      ? states.flatMap((state, index) => {
          const expected = told[index] ?? ""
          const kinds = (families[family] ?? []).filter(
            (kind) =>
              (state !== "PendingImport" || kind === "external") && !(family === "any" && hasOwnRow(operation, kind))
          )
          return expected === "n/a" || expected === "" || kinds.length === 0
            ? []
            : [{ operation, family, kinds, state, expected }]
        })
      : []
  )

  it("the model agrees with the vendor's table, cell by cell", () => {
    expect(cells.length).toBeGreaterThan(150)
    const wrong = cells.filter(({ operation, family, kinds, state, expected }) =>
      family === "asymmetric"
        ? !kinds.some((kind) => agrees(operation, kind, state, expected))
        : !kinds.every((kind) => agrees(operation, kind, state, expected))
    )
    expect(wrong).toEqual([])
  })

  it("the model has a law for each refusal", () => {
    const unnamed = cells.filter(({ operation, kinds, state }) =>
      kinds.some((kind) => {
        const { refused } = gateOf(operation, keyIn(kind, state), vendor)
        return refused !== undefined && (refused.law === undefined || lawOf(refused.law).id !== refused.law)
      })
    )
    expect(unnamed).toEqual([])
  })
})

describe("dialects", () => {
  it.each(Object.values(dialects))(
    "the dialect $name names an operation for each of its exceptions",
    ({ exceptions, operations }) => {
      expect(exceptions.filter(({ operation }) => operations[operation] === undefined)).toEqual([])
    }
  )
})

describe("replay files", () => {
  it.each([
    ["{}", "This is not a replay file"],
    ['{"schema":"keystate-conformance-replay/1"}', "lacks its law"],
    [
      '{"schema":"keystate-conformance-replay/1","law":"KMS-LC-003","dialect":"b","seed":"c","steps":[{"op":"Explode"}]}',
      "Step 1"
    ],
    [
      '{"schema":"keystate-conformance-replay/1","law":"KMS-XX-001","dialect":"b","seed":"c","steps":[]}',
      "names KMS-XX-001, which is not the id of a law"
    ]
  ])("refuses the replay file %s with a reason", (text, reason) => {
    expect(() => parseReplay(text)).toThrow(reason)
  })
})
