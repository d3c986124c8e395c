/** The vendor's table of operations and key states, cell by cell, against the gate. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { lifecycleOf, rotationOf } from "../../machines/cmk.ts"
import type { CmkEvent, CmkInput, CmkSnapshot } from "../../machines/cmk.ts"
import { deadlines } from "../../machines/deadlines.ts"
import { decide, refusalOf, rules } from "../../machines/permits.ts"
import type { KeyKind, KeyOperation } from "../../machines/permits.ts"
import {
  cancel,
  birth,
  day,
  disable,
  due,
  enable,
  encryptionPair,
  eraseMaterial,
  expiring,
  external,
  grown,
  rotating,
  schedule,
  signingPair,
  symmetric
} from "./keys.ts"

const columns = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"] as const
type Column = (typeof columns)[number]

/** RFC 4180 fields of one line; the table has quotes but no line breaks inside them. */
const fieldsOf = (line: string): ReadonlyArray<string> =>
  Array.from(line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/gu), ([, quoted, bare]) =>
    quoted === undefined ? (bare ?? "") : quoted.replaceAll('""', '"')
  )

interface Row {
  readonly operation: string
  readonly keys: string
  readonly outcomes: Readonly<Record<Column, string>>
}

const rowOf = (line: string): Row => {
  const fields = fieldsOf(line)
  const [operation = "", keys = "", Enabled = "", Disabled = "", PendingDeletion = "", PendingImport = ""] = fields
  if (fields.length !== 8) throw new Error(`the line has ${fields.length} fields: ${line}`)
  return { operation, keys, outcomes: { Enabled, Disabled, PendingDeletion, PendingImport } }
}

const [heading = "", ...lines] = readFileSync(new URL("state-table.csv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
const rows = lines.map(rowOf)

const rotationRow = "(automatic rotation job)"
/** Operations without a key: no state of a key can refuse them. */
const keyless = [
  "CreateKey",
  "DescribeAccountKmsStatus",
  "DescribeRegions",
  "ListAliases",
  "ListKeys",
  "OpenKmsService"
]

const isOperation = (name: string): name is KeyOperation => Object.hasOwn(rules, name)
const operations = Object.keys(rules).filter(isOperation)

/** The first matching row applies: an external key is symmetric unless its own row differs. */
const rowsFor = {
  symmetric: ["symmetric", "any"],
  asymmetric: ["asymmetric", "any"],
  external: ["external", "symmetric", "any"]
} as const satisfies Record<KeyKind, ReadonlyArray<string>>

const cellOf = (operation: string, kind: KeyKind, state: Column): string | undefined =>
  rowsFor[kind]
    .map((keys) => rows.find((row) => row.operation === operation && row.keys === keys))
    .find((row) => row !== undefined)?.outcomes[state]

/** The usage that an asymmetric key needs, which the table's one column for both kinds does not show. */
const usageOf: Partial<Record<KeyOperation, CmkInput["usage"]>> = {
  AsymmetricEncrypt: "ENCRYPT/DECRYPT",
  AsymmetricDecrypt: "ENCRYPT/DECRYPT",
  "ReEncrypt(source)": "ENCRYPT/DECRYPT",
  AsymmetricSign: "SIGN/VERIFY",
  AsymmetricVerify: "SIGN/VERIFY"
}

interface Specimen {
  readonly kind: KeyKind
  readonly usage: CmkInput["usage"]
  readonly state: Column
  readonly story: string
  readonly snapshot: CmkSnapshot
}

const later = birth + day

/** The events that lead to each state, for a key with material. */
const stories: ReadonlyArray<readonly [state: Column, story: string, events: ReadonlyArray<CmkEvent>]> = [
  ["Enabled", "new", []],
  ["Enabled", "disabled and enabled", [disable(later), enable(later)]],
  ["Enabled", "saved from deletion", [disable(later), schedule(later), cancel(later + day)]],
  ["Disabled", "disabled", [disable(later)]],
  ["Disabled", "disabled twice", [disable(later), disable(later)]],
  ["PendingDeletion", "scheduled while enabled", [schedule(later)]],
  ["PendingDeletion", "scheduled while disabled", [disable(later), schedule(later, 30)]]
]

const specimensOf = (kind: KeyKind, input: CmkInput): ReadonlyArray<Specimen> =>
  stories.map(([state, story, events]) => ({
    kind,
    usage: input.usage,
    state,
    story,
    snapshot: grown(input, ...(kind === "external" ? [expiring] : []), ...events)
  }))

const imported = grown(external, expiring)
const emptySpecimens: ReadonlyArray<Specimen> = (
  [
    ["PendingImport", "new", grown(external)],
    ["PendingImport", "material deleted", grown(external, expiring, eraseMaterial(later))],
    ["PendingImport", "material expired", grown(external, expiring, due(imported, "MaterialExpired"))],
    ["PendingDeletion", "scheduled before any import", grown(external, schedule(later))],
    ["PendingDeletion", "material deleted meanwhile", grown(external, expiring, schedule(later), eraseMaterial(later))]
  ] as const
).map(([state, story, snapshot]) => ({ kind: "external", usage: external.usage, state, story, snapshot }))

const specimens: ReadonlyArray<Specimen> = [
  ...specimensOf("symmetric", symmetric),
  ...specimensOf("symmetric", rotating),
  ...specimensOf("asymmetric", encryptionPair),
  ...specimensOf("asymmetric", signingPair),
  ...specimensOf("external", external),
  ...emptySpecimens
]

const answerOf = (operation: KeyOperation, snapshot: CmkSnapshot): string =>
  refusalOf(operation, snapshot)?.code ?? "Success"

describe("the vendor's table", () => {
  it("the vendor's table is read completely, with one row for each operation and kind of key", () => {
    expect(heading).toBe("operation,key_kind,Enabled,Disabled,PendingDeletion,PendingImport,source,confidence")
    const names = rows.map(({ operation, keys }) => `${operation} ${keys}`)
    expect(new Set(names).size).toBe(names.length)
    expect(rows).toHaveLength(69)
    expect(new Set(rows.map(({ keys }) => keys))).toEqual(new Set(["any", "symmetric", "asymmetric", "external"]))
  })

  it("the vendor's table and the rules name the same operations", () => {
    const named = new Set(rows.map(({ operation }) => operation))
    expect([...named].sort()).toEqual([...operations, ...keyless, rotationRow].sort())
  })

  it("the vendor's table permits operations without a key in every state, without a rule", () => {
    for (const operation of keyless) {
      expect(isOperation(operation)).toBe(false)
      const cells = rows.filter((row) => row.operation === operation).map(({ keys, outcomes }) => [keys, outcomes])
      const success = { Enabled: "Success", Disabled: "Success", PendingDeletion: "Success", PendingImport: "Success" }
      expect(cells).toEqual([["any", success]])
    }
  })

  it("each example key of the vendor's table is in its state", () => {
    expect(specimens.map(({ story, snapshot }) => [story, lifecycleOf(snapshot)])).toEqual(
      specimens.map(({ story, state }) => [story, state])
    )
  })
})

describe.each(operations)("%s", (operation) => {
  const neededUsage = usageOf[operation]

  it("the machine answers like the vendor's table, for every state and kind of key", () => {
    const compared = specimens.flatMap(({ kind, usage, state, story, snapshot }) => {
      const cell = cellOf(operation, kind, state)
      if (cell === undefined || (kind === "asymmetric" && neededUsage !== undefined && usage !== neededUsage)) return []
      return [{ where: `${kind} ${usage} ${state}, ${story}`, expected: cell, got: answerOf(operation, snapshot) }]
    })
    expect(compared.length).toBeGreaterThan(0)
    expect(compared.filter(({ expected, got }) => expected !== got)).toEqual([])
  })
})

describe("a missing cell of the table", () => {
  it("the vendor's table lacks cells only for symmetric operations on asymmetric keys", () => {
    const silent = operations.filter((operation) =>
      (["symmetric", "asymmetric", "external"] as const).some(
        (kind) => cellOf(operation, kind, "Enabled") === undefined
      )
    )
    expect(silent).toEqual(["Decrypt", "ExportDataKey"])
    for (const { kind, state, snapshot } of specimens.filter(({ kind }) => kind === "asymmetric")) {
      for (const operation of ["Decrypt", "ExportDataKey"] as const) {
        // Like its neighbours: the row of Encrypt for asymmetric keys.
        expect(answerOf(operation, snapshot)).toBe(cellOf("Encrypt", kind, state))
      }
    }
  })

  it("a key pair of the other usage is refused after the state check", () => {
    for (const [operation, usage] of Object.entries(usageOf).filter(([operation]) => isOperation(operation))) {
      if (!isOperation(operation)) continue
      const others = specimens.filter((specimen) => specimen.kind === "asymmetric" && specimen.usage !== usage)
      expect(others.length).toBeGreaterThan(0)
      for (const { state, snapshot } of others) {
        const refused = cellOf(operation, "symmetric", "Enabled")
        const inPlace = operation === "ReEncrypt(source)" ? "Rejected.UnsupportedOperation" : refused
        expect(answerOf(operation, snapshot)).toBe(
          state === "Enabled" ? inPlace : cellOf(operation, "asymmetric", state)
        )
      }
    }
  })

  it("the vendor's table has n/a exactly for impossible keys: only external keys are PendingImport", () => {
    const impossible = rows
      .filter(({ outcomes }) => Object.values(outcomes).includes("n/a"))
      .map(({ keys, outcomes }) => ({ keys, states: columns.filter((state) => outcomes[state] === "n/a") }))
    for (const { keys, states } of impossible) {
      expect(["symmetric", "asymmetric"]).toContain(keys)
      expect(states).toEqual(["PendingImport"])
      expect(specimens.some(({ kind, state }) => kind === keys && state === "PendingImport")).toBe(false)
    }
    expect(impossible.length).toBeGreaterThan(0)
  })
})

describe("the row of automatic rotation", () => {
  const row = rows.find(({ operation }) => operation === rotationRow)

  it("the row of automatic rotation has rotates, Suspended, Suspended and n/a", () => {
    expect(row?.keys).toBe("symmetric")
    expect(row?.outcomes).toEqual({
      Enabled: "rotates",
      Disabled: "Suspended",
      PendingDeletion: "Suspended",
      PendingImport: "n/a"
    })
  })

  it.each(stories)("the row of automatic rotation agrees with a key that is %s: %s", (state, _story, events) => {
    const key = grown(rotating, ...events)
    const fact: CmkEvent = {
      type: "RotationDue",
      at: birth + 30 * day,
      dueAt: birth + 30 * day,
      epoch: 1,
      versionId: "version-2"
    }
    const verdict = decide(key, fact)
    const owed = deadlines(key).some(({ kind }) => kind === "RotationDue")
    const seen = verdict._tag === "Decision" && owed ? "rotates" : rotationOf(key)
    expect(seen).toBe(row?.outcomes[state])
    if (seen === "Suspended") expect([verdict, owed]).toEqual([{ _tag: "Stale" }, false])
  })
})
