/** HMAC by one-shot hashes, against the vectors of RFC 2202 and RFC 4231 and against OpenSSL's HMAC. */
import { createHmac, randomBytes } from "node:crypto"
import { describe, expect, it } from "vitest"
import { keyedHash } from "../../src/wire/keyedHash.ts"

describe("keyedHash and published values", () => {
  it.for([
    ["sha1", "RFC 2202, case 2", "Jefe", "what do ya want for nothing?", "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"],
    ["sha1", "RFC 2202, case 1", "\v".repeat(20), "Hi There", "b617318655057264e28bc0b6fb378c8ef146be00"],
    [
      "sha256",
      "RFC 4231, case 2",
      "Jefe",
      "what do ya want for nothing?",
      "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    ]
  ] as const)("keyedHash gives the published value: %s: %s", ([name, , key, text, mac]) => {
    expect(keyedHash(name, { key, text }, "hex")).toBe(mac)
  })
})

describe("keyedHash and OpenSSL", () => {
  const texts = ["", "text", "é漢字😀", "unpaired \ud800", "x".repeat(5000), "y".repeat(20_000), "z"]
  const keys = [...[0, 1, 63, 64, 65, 200].map((length) => "k".repeat(length)), "é".repeat(32), "é".repeat(33)]

  it.for(keys.flatMap((key) => [["sha1", key] as const, ["sha256", key] as const]))(
    "keyedHash agrees with OpenSSL's HMAC: %s with the key %j",
    ([name, key]) => {
      const found = texts.map((text) => keyedHash(name, { key, text }, "base64"))
      expect(found).toEqual(texts.map((text) => createHmac(name, key).update(text).digest("base64")))
    }
  )
})

describe("the memory of small buffers after a keyed hash", () => {
  const poolNow = (): Buffer => Buffer.from(Buffer.allocUnsafe(1).buffer)
  const lengths = [20, 64, 65, 200]

  it.for(lengths)("the keyed hash of a text leaves no secret of %i bytes in the memory of small buffers", (length) => {
    const secret = randomBytes(length).toString("hex").slice(0, length)
    const before = poolNow()
    keyedHash("sha256", { key: secret, text: "text" }, "hex")
    const after = poolNow()
    // The call may have begun another pool.
    expect([before, after].map((pool) => pool.includes(secret))).toEqual([false, false])
  })

  it("a copy of a secret is found in the memory of small buffers", () => {
    const secret = randomBytes(100).toString("hex")
    const before = poolNow()
    const copy = Buffer.from(secret)
    const after = poolNow()
    expect(copy.length).toBe(200)
    expect([before, after].some((pool) => pool.includes(secret))).toBe(true)
  })
})
