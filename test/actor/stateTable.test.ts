/** The vendor's table of states and operations, cell by cell, asked of the running service on both stores. */
import { readFileSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"

const states = ["Enabled", "Disabled", "PendingDeletion", "PendingImport"] as const
type State = (typeof states)[number]

const table = readFileSync(fileURLToPath(new URL("../machines/state-table.csv", import.meta.url)), "utf8")
  .split("\n")
  .slice(1)
  .filter((line) => line !== "")
  .map((line) => {
    const [operation = "", kind = "", ...cells] = line.split(",")
    return { operation, kind, cells: cells.slice(0, 4) }
  })

const Plaintext = "aGVsbG8="

interface Subject {
  readonly kms: PromiseKms
  readonly KeyId: string
  /** Made while the key was Enabled; undefined for a key that never was. */
  readonly blob: string | undefined
  /** An Enabled key to re-encrypt from and to. */
  readonly other: string
  readonly otherBlob: string
}

/** How each operation is called on a key. A Decrypt needs a blob, which a key without material cannot have made. */
const calls: Readonly<Record<string, (subject: Subject) => Promise<unknown> | undefined>> = {
  CreateKey: ({ kms }) => kms.createKey(),
  ListKeys: ({ kms }) => kms.listKeys(),
  DescribeRegions: ({ kms }) => kms.describeRegions(),
  DescribeAccountKmsStatus: ({ kms }) => kms.describeAccountKmsStatus(),
  DescribeKey: ({ kms, KeyId }) => kms.describeKey({ KeyId }),
  UpdateKeyDescription: ({ kms, KeyId }) => kms.updateKeyDescription({ KeyId, Description: "new" }),
  EnableKey: ({ kms, KeyId }) => kms.enableKey({ KeyId }),
  DisableKey: ({ kms, KeyId }) => kms.disableKey({ KeyId }),
  ScheduleKeyDeletion: ({ kms, KeyId }) => kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 }),
  CancelKeyDeletion: ({ kms, KeyId }) => kms.cancelKeyDeletion({ KeyId }),
  Encrypt: ({ kms, KeyId }) => kms.encrypt({ KeyId, Plaintext }),
  GenerateDataKey: ({ kms, KeyId }) => kms.generateDataKey({ KeyId }),
  GenerateDataKeyWithoutPlaintext: ({ kms, KeyId }) => kms.generateDataKeyWithoutPlaintext({ KeyId }),
  Decrypt: ({ kms, blob }) => (blob === undefined ? undefined : kms.decrypt({ CiphertextBlob: blob })),
  "ReEncrypt(source)": ({ kms, blob, other }) =>
    blob === undefined ? undefined : kms.reEncrypt({ CiphertextBlob: blob, DestinationKeyId: other }),
  "ReEncrypt(destination)": ({ kms, otherBlob, KeyId }) =>
    kms.reEncrypt({ CiphertextBlob: otherBlob, DestinationKeyId: KeyId })
}

const outcomeOf = async (call: Promise<unknown>): Promise<string> => {
  try {
    await call
    return "Success"
  } catch (error) {
    if (isKmsError(error)) return error.code
    throw error
  }
}

const bringTo = async (kms: PromiseKms, state: State): Promise<Subject> => {
  const other = (await kms.createKey()).KeyMetadata.KeyId
  const otherBlob = (await kms.encrypt({ KeyId: other, Plaintext })).CiphertextBlob
  const Origin = state === "PendingImport" ? "EXTERNAL" : "Aliyun_KMS"
  const { KeyId } = (await kms.createKey({ Origin })).KeyMetadata
  const blob = state === "PendingImport" ? undefined : (await kms.encrypt({ KeyId, Plaintext })).CiphertextBlob
  if (state === "Disabled") await kms.disableKey({ KeyId })
  if (state === "PendingDeletion") await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
  expect((await kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe(state)
  return { kms, KeyId, blob, other, otherBlob }
}

/** The row for a symmetric key, where the table has one, else the row for any key. */
const rowOf = (operation: string) =>
  table.find((row) => row.operation === operation && row.kind === "symmetric") ??
  table.find((row) => row.operation === operation && row.kind === "any")

describe.each(["memory", "sqlite"])("on the %s store", (kind) => {
  it.each(Object.keys(calls))("%s answers as the vendor's table says in every state", async (operation) => {
    const directory = mkdtempSync(join(tmpdir(), "keystate-"))
    try {
      await using kms = await createKms({
        store: kind === "memory" ? "memory" : { directory },
        clock: "virtual"
      })
      let asked = 0
      for (const [column, state] of states.entries()) {
        const subject = await bringTo(kms, state)
        const call = calls[operation]?.(subject)
        const wanted = rowOf(operation)?.cells[column]
        if (call === undefined || wanted === "n/a") continue
        expect([state, await outcomeOf(call)]).toEqual([state, wanted])
        asked++
      }
      expect(asked).toBeGreaterThanOrEqual(3)
    } finally {
      rmSync(directory, { recursive: true, force: true })
    }
  })
})
