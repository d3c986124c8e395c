/** A failed search for primes is repeated. */
import { afterEach, describe, expect, it, vi } from "vitest"
import { parseRsaPrivateKey } from "../../src/crypto/asymmetric/pkcs8.ts"
import { isSoundPrivateKey } from "../../src/crypto/asymmetric/rsaKeys.ts"
import { portableRsa } from "../../src/crypto/portable/portableRsa.ts"

const search = vi.hoisted(() => ({ failing: 0, begun: 0 }))

vi.mock(import("micro-rsa-dsa-dh/rsa.js"), async (original) => {
  const library = await original()
  return {
    ...library,
    IFCPrimes: (...args) => {
      search.begun++
      if (search.begun <= search.failing) throw new Error("failed to find p after max iterations")
      return library.IFCPrimes(...args)
    }
  }
})

describe("a portable RSA key", () => {
  afterEach(() => {
    search.begun = 0
  })

  it("the portable provider generates an RSA key although searches for its primes failed", async () => {
    search.failing = 4
    const key = parseRsaPrivateKey(await portableRsa.generate(2048))
    expect(key && isSoundPrivateKey(key, 2048)).toBe(true)
    expect(search.begun).toBe(5)
  })

  it("the portable provider limits its searches for RSA primes", async () => {
    search.failing = Number.POSITIVE_INFINITY
    await expect(portableRsa.generate(2048)).rejects.toThrow("failed to find p")
    expect(search.begun).toBe(5)
  })
})
