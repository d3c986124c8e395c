/** The vendor's table of states and operations, cell by cell, on the running service, over HTTP and in process. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { startServer } from "../guide/serverFixture.ts"
import { inProcess, overHttp, placeFor } from "../operation/doors.ts"
import type { Ask } from "../operation/doors.ts"
import { bringTo, calls, kinds, makeServiceSubject, makeSubject, resting, rotationJob } from "./subjects.ts"
import type { Kind, State } from "./subjects.ts"

const states = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"] as const satisfies ReadonlyArray<State>

interface Row {
  readonly operation: string
  readonly kind: string
  readonly cells: Readonly<Record<State, string>>
}

const table: ReadonlyArray<Row> = readFileSync(
  fileURLToPath(new URL("../machines/state-table.csv", import.meta.url)),
  "utf8"
)
  .split("\n")
  .slice(1)
  .filter((line) => line !== "")
  .map((line) => {
    const [operation = "", kind = "", ...cells] = line.split(",")
    const [Enabled = "", Disabled = "", PendingDeletion = "", PendingImport = ""] = cells
    return { operation, kind, cells: { Enabled, Disabled, PendingDeletion, PendingImport } }
  })

const job = "(automatic rotation job)"
const operations = [...new Set(table.map(({ operation }) => operation))].filter((operation) => operation !== job)

/** The table's name of a kind of key, the strictest first. External keys count as symmetric without their own row. */
const namesOf = {
  symmetric: ["symmetric", "any"],
  external: ["external", "symmetric", "any"],
  "encrypting pair": ["asymmetric", "any"],
  "signing pair": ["asymmetric", "any"]
} as const satisfies Record<Kind, ReadonlyArray<string>>

const rowsFor = (operation: string, kind: Kind): ReadonlyArray<Row> =>
  namesOf[kind].flatMap((name) => table.filter((row) => row.operation === operation && row.kind === name))

/** The table has one kind of key pair. An Enabled pair of the other usage answers so (API reference 14, row 17). */
const otherUsage: Readonly<Record<string, string>> = {
  "signing pair AsymmetricEncrypt": "Rejected.UnsupportedOperation",
  "signing pair AsymmetricDecrypt": "Rejected.UnsupportedOperation",
  "signing pair ReEncrypt(source)": "Rejected.UnsupportedOperation",
  "encrypting pair AsymmetricSign": "UnsupportedOperation",
  "encrypting pair AsymmetricVerify": "UnsupportedOperation"
}

/** A ciphertext that names a key cannot name a key pair, so the table has no such row. */
const withoutRow = ["encrypting pair", "signing pair"].flatMap((kind) => [`${kind} Decrypt`, `${kind} ExportDataKey`])

/** The operations that users may call on a service key (API reference 10). */
const onServiceKeys = [
  "DescribeKey",
  "GetKeyPolicy",
  "DescribeKeyVersion",
  "ListKeyVersions",
  "ListAliasesByKeyId",
  "ListResourceTags",
  "ListTagResources"
]
const aboutNoKey = [
  "CreateKey",
  "ListKeys",
  "ListAliases",
  "DescribeRegions",
  "DescribeAccountKmsStatus",
  "OpenKmsService"
]
/** Only the service has its ciphertexts, and its alias is reserved. */
const notOfServiceKeys = new Set(["Decrypt", "ExportDataKey", "ReEncrypt(source)", "DeleteAlias"])

interface Door {
  readonly ask: Ask
  readonly close: () => Promise<void>
}

const openDoor = async (kind: string): Promise<Door> => {
  const options = { clock: "virtual", hsm: "simulator" } as const
  if (kind === "memory, over HTTP") {
    const server = await startServer(options)
    return { ask: overHttp(server.url), close: server.stop }
  }
  const place = placeFor(kind)
  const kms = await createKms({ ...options, store: place.store })
  return { ask: inProcess(kms), close: () => kms.close().finally(() => place[Symbol.dispose]()) }
}

/** Rows that were tested on a key, over HTTP and in process. */
const asked = new Set<Row>()

describe.each(["memory", "sqlite", "memory, over HTTP"])("on the store %s", (place) => {
  let door: Door
  beforeAll(async () => {
    door = await openDoor(place)
  })
  afterAll(() => door.close())

  it.each(place.endsWith("HTTP") ? (["symmetric", "signing pair"] as const) : kinds)(
    "a key of the kind %s answers every operation in every state as the state table says",
    async (kind) => {
      const subject = await makeSubject(door.ask, kind)
      const wrong: Array<unknown> = []
      let cells = 0
      for (const state of resting[kind]) {
        for (const operation of operations) {
          const [row, ...looser] = rowsFor(operation, kind)
          const call = calls[operation]
          if (row === undefined || call === undefined) continue
          await bringTo(subject, state)
          const [name, request] = await call(subject)
          const { code } = await door.ask(name, request)
          const wanted = (state === "Enabled" ? otherUsage[`${kind} ${operation}`] : undefined) ?? row.cells[state]
          if (code !== wanted) wrong.push({ operation, state, wanted, code })
          // A stricter row may forbid more, but not change the refusal of a state.
          const reworded = looser.filter(({ kind, cells }) => kind === "any" && cells[state] !== wanted)
          if (state !== "Enabled" && reworded.length > 0) wrong.push({ operation, state, wanted, reworded })
          for (const each of [row, ...looser]) asked.add(each)
          cells++
        }
      }
      expect(wrong).toEqual([])
      const left = withoutRow.filter((name) => name.startsWith(kind)).length
      expect(cells).toBe(resting[kind].length * (operations.length - left))
    }
  )

  it("a service key can be described, and refuses every other operation of a user", async () => {
    const subject = await makeServiceSubject(door.ask)
    const codes: Record<string, string> = {}
    for (const operation of operations) {
      const call = calls[operation]
      if (call === undefined || notOfServiceKeys.has(operation)) continue
      const { code } = await door.ask(...(await call(subject)))
      codes[operation] = code
    }
    const granted = Object.keys(codes).filter((operation) => codes[operation] === "Success")
    expect(granted.toSorted()).toEqual([...onServiceKeys, ...aboutNoKey].toSorted())
    expect(new Set(Object.values(codes))).toEqual(new Set(["Success", "UnsupportedOperation"]))
  })

  it("automatic rotation rotates an Enabled key and is Suspended in every other state", async () => {
    const row = table.find(({ operation }) => operation === job)
    const seen = await rotationJob(door.ask)
    expect(row?.cells).toEqual({ ...seen, PendingImport: "n/a" })
    if (row !== undefined) asked.add(row)
  })
})

describe("the state table", () => {
  it("the state table has no untested row", () => {
    expect(table).toHaveLength(69)
    expect(table.filter((row) => !asked.has(row))).toEqual([])
  })

  it("the tests can call every operation of the state table", () => {
    expect(operations.filter((operation) => calls[operation] === undefined)).toEqual([])
  })

  it("the state table omits only one case: a ciphertext that names a key pair", () => {
    const left = kinds.flatMap((kind) =>
      operations.filter((operation) => rowsFor(operation, kind).length === 0).map((operation) => `${kind} ${operation}`)
    )
    expect(left.toSorted()).toEqual(withoutRow.toSorted())
  })

  it("the state table has n/a exactly for states that a kind of key cannot reach", () => {
    for (const { kind, cells } of table) {
      const never = states.filter((state) => cells[state] === "n/a")
      expect([["PendingImport"], []]).toContainEqual(never)
      if (never.length > 0) expect(["symmetric", "asymmetric"]).toContain(kind)
    }
  })
})
