/** Thousands of corrupted blobs: none is accepted, and all answers are equal. */
import { randomBytes, randomUUID } from "node:crypto"
import { describe, expect, it } from "vitest"
import { form } from "../server/signed.ts"
import { corruptions } from "./corruptions.ts"
import { decrypt, encrypt, newKey, Plaintext, stateOf } from "./customer.ts"
import { importMaterial, parametersFor, wrappingNames } from "./material.ts"
import { startServer } from "./serverFixture.ts"
import type { RunningServer } from "./serverFixture.ts"
import { patience } from "../patience.ts"

/** Two thousand here; KEYSTATE_TEST_IMPORTS for more. */
const imports = Number(process.env["KEYSTATE_TEST_IMPORTS"] ?? 2000)
/** The number of wrong uses of a token before it refuses every use. */
const triesOfToken = 16
const kinds = Object.entries(corruptions)

/** The whole answer, except for the request's id. */
const answerTo = async ({ url }: RunningServer, keyId: string, importToken: string, blob: Buffer): Promise<string> => {
  const response = await fetch(url, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded" },
    body: form("ImportKeyMaterial", {
      KeyId: keyId,
      ImportToken: importToken,
      EncryptedKeyMaterial: blob.toString("base64")
    })
  })
  const requestId = response.headers.get("x-acs-request-id") ?? randomUUID()
  const type = response.headers.get("content-type")
  return `${response.status} ${type} ${(await response.text()).replaceAll(requestId, "id")}`
}

describe("a corrupted blob", () => {
  it(
    "ImportKeyMaterial refuses every corrupted blob alike, with and without earlier material",
    async () => {
      await using server = await startServer()
      const material = randomBytes(32)
      const waiting = await newKey(server, { origin: "EXTERNAL" })
      const holding = await newKey(server, { origin: "EXTERNAL" })
      await importMaterial(server, holding, material)
      const sealed = await encrypt(server, holding)
      const answers = new Map<string, string>()
      let otherKey = (await parametersFor(server, waiting)).publicKey
      for (let sent = 0; sent < imports;) {
        const keyId = (sent / triesOfToken) % 2 === 0 ? waiting : holding
        const wrapping = wrappingNames[(sent / triesOfToken) % 3] ?? "RSAES_PKCS1_V1_5"
        const { importToken, publicKey } = await parametersFor(server, keyId, wrapping)
        const session = { publicKey, wrapping, otherKey, material }
        const batch = Array.from({ length: triesOfToken }, async (_, place) => {
          const [name, corrupt] = kinds[(sent + place) % kinds.length] ?? ["", () => Buffer.alloc(0)]
          answers.set(await answerTo(server, keyId, importToken, corrupt(session)), name)
        })
        await Promise.all(batch)
        sent += triesOfToken
        otherKey = publicKey
      }
      expect([...answers]).toHaveLength(1)
      expect([...answers.keys()][0]).toContain('"Code":"InvalidKeyMaterial"')
      expect(await stateOf(server, waiting)).toBe("PendingImport")
      expect((await decrypt(server, sealed)).plaintext).toBe(Plaintext)
      await importMaterial(server, waiting, randomBytes(32))
      await importMaterial(server, holding, material)
    },
    2 * patience + imports * 500
  )
})
