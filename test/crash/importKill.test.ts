/** After a kill between unwrapping and commit, a key has its old material or the whole import. */
import { spawn } from "node:child_process"
import { randomBytes } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { describe, expect, it } from "vitest"
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { wrap, wrappingNames } from "../guide/material.ts"
import type { Wrapping } from "../guide/material.ts"
import { programOf } from "../programs.ts"

const victim = await programOf("importVictim")
const Plaintext = "aGVsbG8gd29ybGQ="

/** A request to import this material, with new parameters. */
const requestFor = async (
  kms: PromiseKms,
  KeyId: string,
  material: Uint8Array,
  wrapping: Wrapping = "RSAES_OAEP_SHA_256"
) => {
  const asked = { KeyId, WrappingKeySpec: "RSA_2048", WrappingAlgorithm: wrapping } as const
  const { ImportToken, PublicKey } = await kms.getParametersForImport(asked)
  return { KeyId, ImportToken, EncryptedKeyMaterial: wrap(PublicKey, wrapping, material) }
}

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "Success",
    (error: unknown) => (isKmsError(error) ? error.code : String(error))
  )

const killAt = (directory: string, failpoint: string, request: object): Promise<string | null> =>
  new Promise((resolve) => {
    const args = [victim, directory, failpoint, JSON.stringify(request)]
    spawn(process.execPath, args, { stdio: "ignore" }).on("exit", (_code, signal) => resolve(signal))
  })

const inScratch = async (work: (directory: string) => Promise<void>): Promise<void> => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-import-"))
  try {
    await work(directory)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

const open = (directory: string): Promise<PromiseKms> => createKms({ store: { directory }, clock: "virtual" })

const stateOf = async (kms: PromiseKms, KeyId: string): Promise<string> =>
  (await kms.describeKey({ KeyId })).KeyMetadata.KeyState

const boundaries = [
  ["store.commit.before", "PendingImport"],
  ["store.commit.afterCommit", "Enabled"]
] as const

describe.each(boundaries)("a service killed at %s while it imports", (failpoint, state) => {
  it(`a kill during an import leaves the key ${state}, and a key with earlier material accepts no other`, () =>
    inScratch(async (directory) => {
      const material = randomBytes(32)
      const before = await open(directory)
      const { KeyId } = (await before.createKey({ Origin: "EXTERNAL" })).KeyMetadata
      await before.importKeyMaterial(await requestFor(before, KeyId, material))
      const { CiphertextBlob } = await before.encrypt({ KeyId, Plaintext })
      await before.deleteKeyMaterial({ KeyId })
      const again = await requestFor(before, KeyId, material)
      await before.close()
      expect(await killAt(directory, failpoint, again)).toBe("SIGKILL")
      await using kms = await open(directory)
      expect(await stateOf(kms, KeyId)).toBe(state)
      for (const wrapping of wrappingNames) {
        const other = await requestFor(kms, KeyId, randomBytes(32), wrapping)
        expect(await codeOf(kms.importKeyMaterial(other))).toBe("InvalidKeyMaterial")
      }
      expect(await stateOf(kms, KeyId)).toBe(state)
      await kms.importKeyMaterial(again)
      expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(Plaintext)
    }))
})

describe("a first import", () => {
  it("a first import that was not committed does not bind the key to the material", () =>
    inScratch(async (directory) => {
      const before = await open(directory)
      const { KeyId } = (await before.createKey({ Origin: "EXTERNAL" })).KeyMetadata
      const lost = await requestFor(before, KeyId, randomBytes(32))
      await before.close()
      expect(await killAt(directory, "store.commit.before", lost)).toBe("SIGKILL")
      await using kms = await open(directory)
      const other = await requestFor(kms, KeyId, randomBytes(32))
      expect(await codeOf(kms.importKeyMaterial(other))).toBe("Success")
      expect(await codeOf(kms.importKeyMaterial(lost))).toBe("InvalidKeyMaterial")
    }))
})
