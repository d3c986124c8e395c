/** Key material appears in no file, no output and no encoding of either. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { inspect } from "node:util"
import { Effect, Layer } from "effect"
import { expect, it } from "vitest"
import { Randomness } from "../../src/platform/services.ts"
import { randomnessNative } from "../../src/crypto/native/randomness.ts"
import { createKms, isKmsError } from "../../src/promise.ts"
import { filesUnder, searchIn, spellings } from "../spellings.ts"

/** Every secret that the engine drew, recorded at its one source of randomness. */
const watched = (seen: Array<Uint8Array>) =>
  Layer.effect(
    Randomness,
    Effect.map(Randomness, (real) => ({
      uuid: real.uuid,
      bytes: (length: number) => {
        const drawn = real.bytes(length)
        if (length === 32) seen.push(drawn.slice())
        return drawn
      }
    }))
  ).pipe(Layer.provide(randomnessNative))

it("the data directory, errors and printed objects contain no key material and no plaintext", async () => {
  const directory = mkdtempSync(join(tmpdir(), "keystate-"))
  const seen: Array<Uint8Array> = []
  const printed: Array<string> = []
  try {
    const kms = await createKms({ store: { directory }, clock: "virtual", randomness: watched(seen) })
    const plaintexts = Array.from({ length: 20 }, (_, i) => Buffer.alloc(32, 17 + i).fill(`secret number ${i}`))
    for (const plaintext of plaintexts) {
      const { KeyId } = (await kms.createKey()).KeyMetadata
      const Plaintext = plaintext.toString("base64")
      const { CiphertextBlob } = await kms.encrypt({ KeyId, Plaintext })
      await kms.generateDataKey({ KeyId })
      const refused = await kms.decrypt({ CiphertextBlob, EncryptionContext: { a: "b" } }).catch((error) => error)
      expect(isKmsError(refused)).toBe(true)
      printed.push(inspect(refused, { depth: 9, showHidden: true }), JSON.stringify(refused), String(refused.stack))
      await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
    }
    printed.push(inspect(kms, { depth: 12, showHidden: true }))
    const whileRunning = filesUnder(directory)
    await kms.clock.advance("8d")
    await kms.close()
    expect(seen.length).toBeGreaterThanOrEqual(40)
    const everything = [...whileRunning, ...filesUnder(directory), Buffer.from(printed.join("\n"))]
    const isIn = searchIn(Buffer.concat(everything))
    for (const secret of [...seen, ...plaintexts]) {
      for (const spelling of spellings(secret)) expect(isIn(spelling)).toBe(false)
    }
    // A control: the search finds what must be present.
    expect(isIn("CreateKey")).toBe(true)
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
})
