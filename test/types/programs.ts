/** The messages of an editor and the compiler to the author of a program that uses the library. */
import { expect, it } from "vitest"
import type { LanguageServer } from "./languageServer.ts"

const program = `import { Effect } from "effect"
import { Kms, KmsMemory } from "keystate"
export const encrypted = Effect.gen(function* () {
  const kms = yield* Kms
  yield* kms.describeRegions()
  return yield* kms.encrypt({ KeyId: "alias/orders", Plaintext: "aGVsbG8=" })
})
export const handled = encrypted.pipe(Effect.catchTag("Rejected.Disabled", () => Effect.succeed(undefined)))
export const layer = KmsMemory()
`

const structured = `import { createKms } from "keystate/promise"
await using kms = await createKms()
const { KeyMetadata: { KeyId } } = await kms.createKey({ Tags: [{ TagKey: "team", TagValue: "orders" }] })
await kms.listKeys({ Filters: [{ Key: "KeyState", Values: ["Enabled"] }] })
await kms.untagResource({ KeyId, TagKeys: ["team"] })
const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext: new TextEncoder().encode("hello") })
await kms.decrypt({ CiphertextBlob: Buffer.from(CiphertextBlob, "base64"), EncryptionContext: { a: "b" } })
await kms.setKeyPolicy({ KeyId, Policy: { Version: "1", Statement: [{ Effect: "Allow", Action: ["kms:*"] }] } })
await kms.tagResources({ ResourceType: "key", ResourceId: [KeyId], Tag: [{ Key: "a", Value: "b" }] })
`

export const programLaws = (server: () => LanguageServer): void => {
  it("the types accept a program that calls an operation and handles one of its errors", async () => {
    expect(await server().errors(program)).toEqual([])
  })

  it("the types accept values in place of JSON and bytes in place of Base64", async () => {
    expect(await server().errors(structured)).toEqual([])
  })

  it("the types refuse a filter by a property that keys do not have", async () => {
    expect(await server().errors(structured.replace('"KeyState"', '"KeyStates"'))).toHaveLength(1)
  })

  it("the types refuse to handle an error that the operation cannot fail with", async () => {
    const [error, ...others] = await server().errors(
      program.replace('"Rejected.Disabled"', '"DeleteConflict.Role.Policy"')
    )
    expect(error).toContain('"DeleteConflict.Role.Policy"')
    expect(others).toEqual([])
  })

  it("the types refuse a request without a required parameter", async () => {
    const [error] = await server().errors(program.replace(', Plaintext: "aGVsbG8="', ""))
    expect(error).toContain("Property 'Plaintext' is missing")
  })

  it("the editor shows a method's named types, description, permission and errors", async () => {
    const shown = await server().hover(program, "encrypt(")
    expect(shown).toContain("encrypt: (request: EncryptRequest) => Effect.Effect<EncryptResponse, EncryptError>")
    expect(shown).toContain("Encrypts up to 6 KB under the primary version of a CMK.")
    expect(shown).toContain("Permission: `kms:Encrypt` on the key")
    expect(shown).toContain("Errors: `Forbidden.AliasNotFound`")
  })

  it("the editor shows the form of a parameter", async () => {
    const shown = await server().hover(program, "Plaintext")
    expect(shown).toContain("The data to encrypt. Form: Base64 of up to 6144 bytes; or the bytes themselves.")
  })

  it("the editor shows the service of a layer, and its start error", async () => {
    expect(await server().hover(program, "KmsMemory()")).toContain("Layer<Kms, StartError>")
  })

  it("the editor shows only the errors that an operation can fail with", async () => {
    const text = `import type { DescribeRegionsError } from "keystate"\nexport type Code = DescribeRegionsError["code"]\n`
    const shown = await server().hover(text, "Code")
    const codes = [...shown.matchAll(/"([A-Za-z.]+)"/g)].map(([, code]) => code)
    expect(codes.toSorted()).toEqual([
      "Forbidden.DKMSInstanceNotFound",
      "Forbidden.NoPermission",
      "InternalFailure",
      "InvalidParameter",
      "MissingParameter",
      "NoPermission",
      "Rejected.Throttling",
      "ServiceUnavailableTemporary"
    ])
  })
}
