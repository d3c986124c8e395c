/** A toy key management service and its adapter: `keystate conformance --adapter docs/examples/toy-kms.ts`. */
import { randomUUID } from "node:crypto"
import type { Answer, KmsAdapter } from "../../src/conformance/adapter.ts"

interface Key {
  readonly id: string
  readonly made: number
  readonly description: string
  state: "Enabled" | "Disabled" | "PendingDeletion"
  deletion: number
}

const day = 86_400_000
const keys = new Map<string, Key>()
/** A toy keeps what it hides: the ciphertext is a handle to it. */
const hidden = new Map<string, { readonly key: string; readonly text: string; readonly context: string }>()
let now = Date.UTC(2026, 0, 1)

const date = (millis: number): string => `${new Date(millis).toISOString().slice(0, 19)}Z`
const refused = (code: string): Answer => ({ ok: false, code, httpStatus: 400 })
const done = (response: object = {}): Answer => ({ ok: true, response })
const moves: Readonly<Record<string, Key["state"]>> = { EnableKey: "Enabled", CancelKeyDeletion: "Enabled", DisableKey: "Disabled", ScheduleKeyDeletion: "PendingDeletion" }

const shown = ({ id, made, description, state, deletion }: Key): Answer => {
  const kind = { KeySpec: "Aliyun_AES_256", KeyUsage: "ENCRYPT/DECRYPT", Origin: "Aliyun_KMS", ProtectionLevel: "SOFTWARE" }
  const DeleteDate = state === "PendingDeletion" ? date(deletion) : ""
  return done({ KeyMetadata: { KeyId: id, KeyState: state, CreationDate: date(made), Description: description, DeleteDate, ...kind } })
}

const text = (value: unknown, otherwise = ""): string => (typeof value === "string" ? value : otherwise)

const call = (operation: string, asked: Readonly<Record<string, unknown>>): Answer => {
  if (operation === "CreateKey") {
    const key: Key = { id: randomUUID(), made: now, description: text(asked["Description"]), state: "Enabled", deletion: 0 }
    keys.set(key.id, key)
    return shown(key)
  }
  const blob = text(asked["CiphertextBlob"])
  const opened = hidden.get(blob)
  const pairs: object = JSON.parse(text(asked["EncryptionContext"], "{}"))
  const context = JSON.stringify(Object.entries(pairs).sort())
  if (operation === "Decrypt" && opened?.context !== context) return refused("InvalidParameter")
  const key = keys.get(opened?.key ?? text(asked["KeyId"]))
  if (key === undefined || (key.state === "PendingDeletion" && now >= key.deletion)) return refused("Forbidden.KeyNotFound")
  if (operation === "DescribeKey") return shown(key)
  const state = moves[operation]
  if (state === undefined) {
    if (key.state !== "Enabled") return refused(`Rejected.${key.state}`)
    if (opened !== undefined) return done({ KeyId: key.id, KeyVersionId: key.id, Plaintext: opened.text })
    if (Buffer.from(text(asked["Plaintext"]), "base64").length > 6144) return refused("InvalidParameter")
    const CiphertextBlob = Buffer.from(randomUUID()).toString("base64")
    hidden.set(CiphertextBlob, { key: key.id, text: text(asked["Plaintext"]), context })
    return done({ KeyId: key.id, KeyVersionId: key.id, CiphertextBlob })
  }
  const days = Number(asked["PendingWindowInDays"] ?? 30)
  if (days < 7 || days > 30) return refused("InvalidParameter")
  if ((key.state === "PendingDeletion") !== (operation === "CancelKeyDeletion")) return refused("Rejected.StateModifiedFailed")
  Object.assign(key, { state, deletion: now + days * day })
  return done()
}

const adapter: KmsAdapter = {
  name: "toy",
  capabilities: { operations: ["CreateKey", "DescribeKey", ...["EnableKey", "DisableKey", "ScheduleKeyDeletion", "CancelKeyDeletion"] as const, "Encrypt", "Decrypt"], clock: "virtual", reset: "perRun", profiles: ["core"] },
  start: async () => keys.clear(),
  call: async (operation, request) => call(operation, request),
  advance: async (millis) => void (now += millis),
  now: async () => now,
  stop: async () => {}
}

export default adapter
