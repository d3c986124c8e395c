/** A root key in a token: the data directory alone opens no secret. */
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { createKms } from "../../src/promise.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
const directory = mkdtempSync(join(tmpdir(), "keystate-hsm-root-"))
afterAll(() => {
  token.remove()
  rmSync(directory, { recursive: true, force: true })
})

const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
const withToken = { store: { directory }, hsm, rootKey: { kind: "hsm" } } as const

describe("a root key in a token", () => {
  it("a root key in a token opens its secrets after a restart, and is in no file", async () => {
    let blob = ""
    {
      await using kms = await createKms(withToken)
      const { KeyId } = (await kms.createKey()).KeyMetadata
      blob = (await kms.encrypt({ KeyId, Plaintext: "aGVsbG8=" })).CiphertextBlob
    }
    expect(readdirSync(directory)).not.toContain("root.key")
    {
      await using kms = await createKms(withToken)
      expect((await kms.decrypt({ CiphertextBlob: blob })).Plaintext).toBe("aGVsbG8=")
    }
    await expect(createKms({ store: { directory }, hsm })).rejects.toThrow("sealed under another root key")
    await expect(createKms({ store: { directory }, rootKey: { kind: "hsm" } })).rejects.toThrow("no token is connected")
  })
})
