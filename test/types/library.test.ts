/** What an editor and the compiler tell users of the library about its types. */
import { readFileSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { languageServer } from "./languageServer.ts"
import type { LanguageServer } from "./languageServer.ts"

const promises = readFileSync(new URL("library.ts", import.meta.url), "utf8")

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

let server: LanguageServer
beforeAll(async () => {
  server = await languageServer()
})
afterAll(() => server.stop())

describe("the types of the library", () => {
  it("keep what test/types/library.ts promises", async () => {
    expect(await server.errors(promises)).toEqual([])
  })

  it("are checked with the strict settings of this project", async () => {
    expect(await server.errors('export const first: string = ["a"][0]\n')).toHaveLength(1)
  })

  it("break a promise that an error list does not keep", async () => {
    const broken = promises.replace('"DeleteConflict.Role.Policy"', '"InternalFailure"')
    expect(await server.errors(broken)).toHaveLength(1)
  })

  it("accept a program that calls an operation and handles one of its errors", async () => {
    expect(await server.errors(program)).toEqual([])
  })

  it("refuse to handle an error that the operation cannot fail with", async () => {
    const [error, ...others] = await server.errors(
      program.replace('"Rejected.Disabled"', '"DeleteConflict.Role.Policy"')
    )
    expect(error).toContain('"DeleteConflict.Role.Policy"')
    expect(others).toEqual([])
  })

  it("refuse a request without a required parameter", async () => {
    const [error] = await server.errors(program.replace(', Plaintext: "aGVsbG8="', ""))
    expect(error).toContain("Property 'Plaintext' is missing")
  })
})

describe("what an editor shows", () => {
  it("over a method: its named types, its sentence, its permission and its errors", async () => {
    const shown = await server.hover(program, "encrypt(")
    expect(shown).toContain("encrypt: (request: EncryptRequest) => Effect.Effect<EncryptResponse, EncryptError>")
    expect(shown).toContain("Encrypts up to 6 KB under the primary version of a CMK.")
    expect(shown).toContain("Permission: `kms:Encrypt` on the key")
    expect(shown).toContain("Errors: `Forbidden.AliasNotFound`")
  })

  it("over a parameter: its form", async () => {
    expect(await server.hover(program, "Plaintext")).toContain("The data to encrypt. Form: Base64 of up to 6144 bytes.")
  })

  it("over a layer: the service, and why it does not start", async () => {
    expect(await server.hover(program, "KmsMemory()")).toContain("Layer<Kms, StartError>")
  })
})
