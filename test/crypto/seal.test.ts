/** Secrets at rest: each opens with its own identity under its own root key, until the root key is closed. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { rootKeyFromPassphrase as nativeFromPassphrase } from "../../src/crypto/native/rootKey.ts"
import { rootKeyFromPassphrase as portableFromPassphrase } from "../../src/crypto/portable/rootKey.ts"
import { materialIdentity, pairIdentity, wrappingIdentity } from "../../src/crypto/seal.ts"
import { brokenChance, chance, flipped, nextVersionOfA, rowA, rowB, spec, toHex, utf8 } from "./material.ts"
import { both } from "./providers.ts"

describe.each(both)("the root key, $name", ({ makeRootKey }) => {
  const bytes = chance("bytes").bytes(32)
  const rootKey = makeRootKey({ bytes, randomness: chance("salts") })
  const secret = { label: "access-key", id: "LTAI1", plaintext: utf8("secret") }

  it("the root key gives every row, spec and kind of secret its own identity", () => {
    const identities = [
      materialIdentity(rowA, spec),
      materialIdentity(rowB, spec),
      materialIdentity(nextVersionOfA, spec),
      materialIdentity(rowA, "Aliyun_SM4")
    ]
    for (const [i, identity] of identities.entries()) {
      const sealed = rootKey.seal({ identity, plaintext: bytes })
      const openedBy = identities.map((other) => rootKey.open({ identity: other, sealed }) !== undefined)
      expect(openedBy).toStrictEqual(identities.map((_, j) => i === j))
    }
  })

  it("the root key opens a secret only with its own label and id, however they are split", () => {
    const sealed = rootKey.sealSecret(secret)
    const opened = rootKey.openSecret({ ...secret, sealed })
    expect(opened && toHex(opened)).toBe(toHex(secret.plaintext))
    for (const other of [
      { label: "access-keyL", id: "TAI1" },
      { label: "LTAI1", id: "access-key" },
      { label: "", id: "" }
    ]) {
      expect(rootKey.openSecret({ ...other, sealed })).toBeUndefined()
    }
    expect(rootKey.open({ identity: materialIdentity(rowA, spec), sealed })).toBeUndefined()
  })

  it("the root key opens nothing with a changed bit, and nothing truncated or extended", () => {
    const sealed = rootKey.sealSecret(secret)
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      expect(rootKey.openSecret({ ...secret, sealed: flipped(sealed, bit) }), `bit ${bit}`).toBeUndefined()
    }
    for (let length = 0; length < sealed.length; length++) {
      expect(rootKey.openSecret({ ...secret, sealed: sealed.subarray(0, length) })).toBeUndefined()
    }
    expect(rootKey.openSecret({ ...secret, sealed: new Uint8Array([...sealed, 0]) })).toBeUndefined()
  })

  it("the root key seals one secret differently each time, and does not show the secret", () => {
    const [first, second] = [rootKey.sealSecret(secret), rootKey.sealSecret(secret)].map(toHex)
    expect(first).not.toBe(second)
    expect(first).not.toContain(toHex(secret.plaintext))
  })

  it("the check value differs for every root key and reveals none of its bytes", () => {
    const again = makeRootKey({ bytes, randomness: chance("other salts") })
    const other = makeRootKey({ bytes: flipped(bytes, 0), randomness: chance("salts") })
    expect(toHex(again.checkValue)).toBe(toHex(rootKey.checkValue))
    expect(toHex(other.checkValue)).not.toBe(toHex(rootKey.checkValue))
    expect(other.openSecret({ ...secret, sealed: rootKey.sealSecret(secret) })).toBeUndefined()
  })

  it("the root key gives key pairs and wrapping keys their own identities", () => {
    const identities = [
      materialIdentity(rowA, "EC_SM2"),
      pairIdentity(rowA, "EC_SM2", bytes),
      pairIdentity(rowB, "EC_SM2", bytes),
      pairIdentity(nextVersionOfA, "EC_SM2", bytes),
      pairIdentity(rowA, "EC_P256", bytes),
      pairIdentity(rowA, "EC_SM2", flipped(bytes, 0)),
      wrappingIdentity({ id: rowA.keyId, spec: "EC_SM2" }),
      wrappingIdentity({ id: rowA.keyId, spec: "RSA_2048" }),
      wrappingIdentity({ id: rowB.keyId, spec: "EC_SM2" })
    ]
    expect(new Set(identities.map(toHex)).size).toBe(identities.length)
  })

  it("one material of one key has one fingerprint, which does not reveal the material", () => {
    const fingerprint = (material: Uint8Array, { keyId } = rowA, under = rootKey) =>
      under.fingerprint({ keyId, material })
    const other = makeRootKey({ bytes: flipped(bytes, 0), randomness: chance("salts") })
    const again = makeRootKey({ bytes, randomness: chance("other salts") })
    const material = chance("fingerprints").bytes(16)
    const others = [
      fingerprint(material, rowB),
      fingerprint(material, rowA, other),
      fingerprint(flipped(material, 0)),
      fingerprint(new Uint8Array([...material, 0])),
      fingerprint(new Uint8Array([...material, ...new Uint8Array(16)])),
      fingerprint(material.subarray(0, 15)),
      fingerprint(new Uint8Array(0))
    ]
    const own = fingerprint(material)
    expect(new Set([own, ...others]).size).toBe(8)
    expect([fingerprint(material.slice(), nextVersionOfA), fingerprint(material, rowA, again)]).toStrictEqual([
      own,
      own
    ])
    expect(own).toMatch(/^[0-9a-f]{64}$/)
    expect(own).not.toContain(toHex(material))
    expect(() => fingerprint(new Uint8Array(33))).toThrow("up to 32 bytes")
  })

  it("the root key copies its bytes, and refuses everything after closing", () => {
    const given = bytes.slice()
    const closing = makeRootKey({ bytes: given, randomness: chance("closing") })
    given.fill(0)
    const sealed = closing.sealSecret(secret)
    expect(rootKey.openSecret({ ...secret, sealed })).toBeDefined()
    closing.close()
    expect(() => closing.sealSecret(secret)).toThrow("after it is closed")
    expect(() => closing.openSecret({ ...secret, sealed })).toThrow("after it is closed")
    expect(() => closing.fingerprint({ keyId: rowA.keyId, material: bytes })).toThrow("after it is closed")
  })

  it.for([0, 16, 31, 33, 64])("a root key refuses %i bytes", (length) => {
    expect(() => makeRootKey({ bytes: new Uint8Array(length), randomness: chance("length") })).toThrow("32 bytes")
  })

  it.for(Object.entries(brokenChance))(
    "the root key does not seal the same way twice with a generator that %s",
    ([, broken]) => {
      const lamed = makeRootKey({ bytes, randomness: broken })
      expect(() => [lamed.sealSecret(secret), lamed.sealSecret(secret)]).toThrow(/randomness|generator/)
    }
  )
})

describe.each([nativeFromPassphrase, portableFromPassphrase])("a passphrase", (fromPassphrase) => {
  const given = { salt: new Uint8Array(16), randomness: chance("passphrase") }

  it.effect.each(["", "\ud800"])("refuses a passphrase that is empty or not well-formed text", (passphrase) =>
    Effect.gen(function* () {
      const refused = yield* Effect.flip(fromPassphrase({ ...given, passphrase: Redacted.make(passphrase) }))
      expect([refused._tag, refused.message]).toStrictEqual([
        "StoreUnusable",
        "The passphrase of the root key is empty or not well-formed text."
      ])
    })
  )

  it("a passphrase with a short salt is a defect", async () => {
    const short = { ...given, salt: new Uint8Array(15), passphrase: Redacted.make("passphrase") }
    await expect(Effect.runPromise(fromPassphrase(short))).rejects.toThrow("16 bytes")
  })
})
