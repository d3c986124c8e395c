/** An adapter for the toy: what it has, in the words of the API. */
import type { Answer, KmsAdapter } from "../../src/conformance/index.ts"
import { ToyKms } from "./toyKms.ts"

const ok = (response: object): Answer => ({ ok: true, response })

/** The toy says why in its own words; the suite wants the code that means the same. */
const refusal = (error: unknown): Answer => {
  const message = String(error)
  const known = { "no such key": "Forbidden.KeyNotFound", disabled: "Rejected.Disabled" }
  const code = Object.entries(known).find(([words]) => message.includes(words))?.[1] ?? "InvalidParameter"
  return { ok: false, code, httpStatus: 400, message }
}

/** Members of a context in another order are the same context. */
const aadOf = (context: unknown): string =>
  context === undefined ? "" : JSON.stringify(Object.entries(JSON.parse(String(context))).toSorted())

const adapter = (): KmsAdapter => {
  let toy = new ToyKms()
  const describe = (KeyId: string): Answer =>
    ok({ KeyMetadata: { KeyId, KeyState: toy.find(KeyId).enabled ? "Enabled" : "Disabled" } })
  const calls: Readonly<Record<string, (request: Readonly<Record<string, unknown>>) => Answer>> = {
    CreateKey: () => describe(toy.create()),
    DescribeKey: ({ KeyId }) => describe(String(KeyId)),
    EnableKey: ({ KeyId }) => ok({ done: (toy.find(String(KeyId)).enabled = true) }),
    DisableKey: ({ KeyId }) => ok({ done: (toy.find(String(KeyId)).enabled = false) }),
    Encrypt: ({ KeyId, Plaintext, EncryptionContext }) =>
      ok({ KeyId, CiphertextBlob: toy.encrypt(String(KeyId), String(Plaintext), aadOf(EncryptionContext)) }),
    Decrypt: ({ CiphertextBlob, EncryptionContext }) => {
      const { id, text } = toy.decrypt(String(CiphertextBlob), aadOf(EncryptionContext))
      return ok({ KeyId: id, Plaintext: text })
    }
  }
  return {
    name: "toy",
    capabilities: {
      operations: ["CreateKey", "DescribeKey", "EnableKey", "DisableKey", "Encrypt", "Decrypt"],
      clock: "none",
      reset: "perRun",
      profiles: ["core"]
    },
    start: async () => {
      toy = new ToyKms()
    },
    call: async (operation, request) => {
      try {
        return calls[operation]?.(request) ?? refusal("not there")
      } catch (error) {
        return refusal(error)
      }
    },
    stop: async () => {}
  }
}

export default adapter
