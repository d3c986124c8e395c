/** What keys in a token keep: the laws of the provider's port, checked with OpenSSL and with the module itself. */
import { constants, createDecipheriv, createHash, createPublicKey, publicEncrypt, verify } from "node:crypto"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { blobTarget } from "../../src/crypto/blob.ts"
import type { CryptoFailed, CryptoProvider, KeyHandle } from "../../src/crypto/provider.ts"
import { labelPrefix } from "../../src/crypto/hsm/references.ts"
import { rootKeyFromBytes } from "../../src/crypto/native/rootKey.ts"
import { canonicalContext } from "../../src/domain/encryptionContext.ts"
import { encryptionAlgorithmsOf, plaintextBytesMaxOf, signatureAlgorithmsOf } from "../../src/domain/algorithms.ts"
import type { SignatureAlgorithm } from "../../src/domain/algorithms.ts"
import { brokenChance, chance, flipped, noContext, rowOf, spec, toHex, utf8 } from "../crypto/material.ts"
import { countingReserve, inToken, readableSecrets, tag, withModule } from "./inToken.ts"
import type { InToken } from "./inToken.ts"
import { makeTestToken } from "./token.ts"

const token = makeTestToken()
afterAll(() => token.remove())

const freshRow = () => rowOf(crypto.randomUUID(), crypto.randomUUID())
const pairSpecs = ["RSA_2048", "RSA_3072", "EC_P256", "EC_P256K"] as const
const payroll = canonicalContext(new Map([["purpose", "payroll"]]))

const inside = (name: string, law: (given: InToken) => Effect.Effect<void, CryptoFailed>) =>
  it.live(name, () => Effect.scoped(Effect.flatMap(inToken(token), law)))

const reasonOf = <A>(effect: Effect.Effect<A, CryptoFailed>) =>
  Effect.match(effect, { onSuccess: () => "ok", onFailure: ({ reason }) => reason })

const fresh = (provider: CryptoProvider, of: (typeof pairSpecs)[number] | typeof spec = spec) =>
  Effect.gen(function* () {
    const row = freshRow()
    const stored = yield* provider.generate({ row, spec: of })
    return { row, stored, handle: yield* provider.open({ row, spec: of, stored }) }
  })

describe("messages under a key in a token", () => {
  inside("a blob is of algorithm 2, names its key, opens in its own context, and no IV comes twice", ({ provider }) =>
    Effect.gen(function* () {
      const { handle, row } = yield* fresh(provider)
      const ivs = new Set<string>()
      for (let i = 0; i < 300; i++) {
        const plaintext = new Uint8Array(i % 50).fill(i)
        const blob = yield* provider.seal({ handle, plaintext, context: payroll })
        expect([blob[0], blob[1], blob.length]).toStrictEqual([1, 2, plaintext.length + 62])
        expect(blobTarget(blob)).toStrictEqual(row)
        ivs.add(toHex(blob.subarray(34, 46)))
        if (i % 50 !== 0) continue
        expect(toHex(yield* provider.unseal({ handle, blob, context: payroll }))).toBe(toHex(plaintext))
        expect(yield* reasonOf(provider.unseal({ handle, blob, context: noContext }))).toBe("Rejected")
      }
      expect(ivs.size).toBe(300)
    })
  )

  inside("no blob with any one bit changed, cut or lengthened opens, nor under another key", ({ provider }) =>
    Effect.gen(function* () {
      const { handle } = yield* fresh(provider)
      const blob = yield* provider.seal({ handle, plaintext: utf8("text"), context: noContext })
      const refusal = (blob: Uint8Array, by: KeyHandle = handle) =>
        reasonOf(provider.unseal({ handle: by, blob, context: noContext }))
      for (let bit = 0; bit < blob.length * 8; bit++)
        expect(yield* refusal(flipped(blob, bit)), `bit ${bit}`).toBe("Rejected")
      for (let length = 0; length < blob.length; length++)
        expect(yield* refusal(blob.slice(0, length))).toBe("Rejected")
      expect(yield* refusal(new Uint8Array([...blob, 0]))).toBe("Rejected")
      const other = yield* fresh(provider)
      expect(yield* refusal(blob, other.handle)).toBe("Rejected")
      const theirs = yield* provider.seal({ handle: other.handle, plaintext: utf8("text"), context: noContext })
      const forged = blob.slice()
      forged.set(theirs.subarray(0, 34))
      expect(yield* refusal(forged, other.handle)).toBe("Rejected")
      expect(yield* refusal(blob)).toBe("ok")
    })
  )

  inside("a generator that is broken seals nothing twice", ({ make, provider }) =>
    Effect.gen(function* () {
      const { row, stored } = yield* fresh(provider)
      for (const randomness of Object.values(brokenChance)) {
        const lamed = make({ randomness })
        const handle = yield* lamed.open({ row, spec, stored })
        const seal = Effect.exit(lamed.seal({ handle, plaintext: noContext, context: noContext }))
        const both = [yield* seal, yield* seal]
        expect(both.filter((exit) => exit._tag === "Success").length).toBeLessThan(2)
      }
    })
  )

  inside("a version seals as many messages as it may, over all restarts, and still opens afterwards", ({ make }) =>
    Effect.gen(function* () {
      const { granted, reserve } = countingReserve()
      const limited = () => make({ reserve, invocationsMax: 1500 })
      const { row, stored } = yield* fresh(limited())
      let sealed = 0
      let last: Uint8Array = noContext
      for (let run = 0; run < 4; run++) {
        const provider = limited()
        const handle = yield* provider.open({ row, spec, stored })
        for (let i = 0; i < 700; i++) {
          const outcome = yield* Effect.result(provider.seal({ handle, plaintext: noContext, context: noContext }))
          if (outcome._tag === "Failure") {
            expect(outcome.failure.reason).toBe("Exhausted")
            break
          }
          last = outcome.success
          sealed++
        }
        expect(yield* reasonOf(provider.unseal({ handle, blob: last, context: noContext }))).toBe("ok")
      }
      expect(sealed).toBe(700 + 476)
      expect(granted.get(row.keyVersionId)).toBe(1500)
    })
  )
})

const digestOf = (message: Uint8Array): Uint8Array => new Uint8Array(createHash("sha256").update(message).digest())

const isByOpenSsl = (algorithm: SignatureAlgorithm, spki: Uint8Array, message: Uint8Array, signature: Uint8Array) => {
  const key = createPublicKey({ key: Buffer.from(spki), format: "der", type: "spki" })
  const padding = algorithm === "RSA_PSS_SHA_256" ? constants.RSA_PKCS1_PSS_PADDING : constants.RSA_PKCS1_PADDING
  const options = algorithm === "ECDSA_SHA_256" ? { key } : { key, padding, saltLength: 32 }
  return verify("sha256", message, options, signature)
}

describe.each(pairSpecs)("a pair of spec %s in a token", (pairSpec) => {
  inside("signs what OpenSSL verifies, by every algorithm, and verifies nothing else", ({ provider }) =>
    Effect.gen(function* () {
      const { handle, stored } = yield* fresh(provider, pairSpec)
      for (const algorithm of signatureAlgorithmsOf(pairSpec)) {
        for (let i = 0; i < 8; i++) {
          const message = utf8(`message ${i}`)
          const digest = digestOf(message)
          const signature = yield* provider.sign({ handle, algorithm, digest })
          expect(isByOpenSsl(algorithm, stored.publicKey ?? noContext, message, signature)).toBe(true)
          const is = (digest: Uint8Array, signature: Uint8Array) =>
            provider.verify({ handle, algorithm, digest, signature })
          expect(yield* is(digest, signature)).toBe(true)
          expect(yield* is(flipped(digest, 3), signature)).toBe(false)
          expect(yield* is(digest, flipped(signature, signature.length * 8 - 1))).toBe(false)
          // SEC 1 signatures on secp256k1 with the upper s are refused by many: it begins with a bit that is set.
          if (pairSpec === "EC_P256K") expect(signature.at(-32)).toBeLessThan(0x80)
        }
        expect(yield* reasonOf(provider.sign({ handle, algorithm, digest: new Uint8Array(31) }))).toBe("Rejected")
      }
      expect(yield* reasonOf(provider.seal({ handle, plaintext: noContext, context: noContext }))).toBe(
        "UnsupportedSpec"
      )
    })
  )

  inside("decrypts what OpenSSL encrypted, and has one answer to whatever is wrong", ({ provider }) =>
    Effect.gen(function* () {
      const { handle, stored } = yield* fresh(provider, pairSpec)
      const key = createPublicKey({ key: Buffer.from(stored.publicKey ?? noContext), format: "der", type: "spki" })
      for (const algorithm of encryptionAlgorithmsOf(pairSpec)) {
        const oaepHash = algorithm === "RSAES_OAEP_SHA_1" ? "sha1" : "sha256"
        const most = plaintextBytesMaxOf(pairSpec, algorithm) ?? 0
        for (const length of [1, 32, most]) {
          const plaintext = chance(`${length}`).bytes(length)
          const byOpenSsl = publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash }, plaintext)
          const byMe = yield* provider.encrypt({ handle, algorithm, plaintext })
          for (const ciphertext of [byOpenSsl, byMe]) {
            expect(toHex(yield* provider.decrypt({ handle, algorithm, ciphertext }))).toBe(toHex(plaintext))
          }
        }
        const ciphertext = yield* provider.encrypt({ handle, algorithm, plaintext: utf8("text") })
        const wrong = [
          noContext,
          ciphertext.slice(1),
          new Uint8Array([...ciphertext, 0]),
          new Uint8Array(ciphertext.length),
          new Uint8Array(ciphertext.length).fill(0xff),
          ...[0, 1, 9, ciphertext.length - 1].map((at) => flipped(ciphertext, at * 8))
        ]
        for (const ciphertext of wrong) {
          expect(yield* reasonOf(provider.decrypt({ handle, algorithm, ciphertext }))).toBe("Rejected")
        }
        expect(yield* reasonOf(provider.decrypt({ handle, algorithm, ciphertext }))).toBe("ok")
      }
      expect(encryptionAlgorithmsOf(pairSpec).length).toBe(pairSpec.startsWith("RSA") ? 2 : 0)
    })
  )
})

describe("what is stored of a key in a token", () => {
  inside("opens in its own row only, under its own root key only, with its own public key only", ({ make, provider }) =>
    Effect.gen(function* () {
      for (const of of [spec, "EC_P256"] as const) {
        const { row, stored } = yield* fresh(provider, of)
        const refusal = (changed: Partial<Parameters<CryptoProvider["open"]>[0]>, by = provider) =>
          reasonOf(by.open({ row, spec: of, stored, ...changed }))
        const another = yield* fresh(provider, of)
        expect(yield* refusal({ row: another.row })).toBe("Rejected")
        expect(yield* refusal({ stored: { ...stored, publicKey: another.stored.publicKey ?? utf8("a key") } })).toBe(
          "Rejected"
        )
        expect(yield* refusal({ spec: of === spec ? "EC_P256" : spec })).toBe("Rejected")
        for (let bit = 0; bit < stored.sealed.length * 8; bit += 7) {
          expect(yield* refusal({ stored: { ...stored, sealed: flipped(stored.sealed, bit) } })).toBe("Rejected")
        }
        const rootKey = rootKeyFromBytes({ bytes: new Uint8Array(32).fill(8), randomness: chance("elsewhere") })
        expect(yield* refusal({}, make({ rootKey }))).toBe("Rejected")
        expect(yield* refusal({})).toBe("ok")
      }
    })
  )

  inside("a key that is lost, and another in its place, are not available and never used", ({ pool, provider }) =>
    Effect.gen(function* () {
      for (const of of [spec, "EC_P256"] as const) {
        const { row, stored } = yield* fresh(provider, of)
        const [object] = yield* Effect.orDie(pool.call("list", { labelPrefix: `${labelPrefix(tag)}${row.keyId}` }))
        if (object === undefined) throw new Error("the key has an object")
        const name = { id: object.id, label: object.label }
        yield* Effect.orDie(pool.call("destroy", { name }))
        expect(yield* reasonOf(provider.open({ row, spec: of, stored }))).toBe("Unavailable")
        const again =
          of === spec ? pool.call("makeSecret", { name }) : pool.call("makePair", { name, spec: of, unwraps: false })
        yield* Effect.asVoid(Effect.orDie<unknown, unknown, never>(again))
        expect(yield* reasonOf(provider.open({ row, spec: of, stored }))).toBe("Unavailable")
      }
    })
  )

  inside("no secret of any object can be read from the token", ({ provider }) =>
    Effect.gen(function* () {
      for (const of of [spec, ...pairSpecs] as const) yield* fresh(provider, of)
      yield* provider.makeWrappingPair({ id: crypto.randomUUID(), spec: "RSA_2048" })
      const found = readableSecrets(token)
      expect(found.readable).toStrictEqual([])
      expect(found.objects).toBeGreaterThan(10)
    })
  )

  inside("sessions that somebody else closed are opened again", ({ provider }) =>
    Effect.gen(function* () {
      const { handle } = yield* fresh(provider)
      const blob = yield* provider.seal({ handle, plaintext: utf8("text"), context: noContext })
      for (let i = 0; i < 3; i++) {
        withModule(token, ({ module, slot }) => module.C_CloseAllSessions(slot))
        expect(toHex(yield* provider.unseal({ handle, blob, context: noContext }))).toBe(toHex(utf8("text")))
      }
    })
  )
})

describe("import into a token", () => {
  const id = crypto.randomUUID()
  const wrappedBy = (publicKey: Uint8Array, material: Uint8Array, oaep = false): Uint8Array => {
    const key = createPublicKey({ key: Buffer.from(publicKey), format: "der", type: "spki" })
    return publicEncrypt(
      oaep
        ? { key, padding: constants.RSA_PKCS1_OAEP_PADDING, oaepHash: "sha1" }
        : { key, padding: constants.RSA_PKCS1_PADDING },
      material
    )
  }
  const requestOf = (sealed: Uint8Array, row = freshRow()) =>
    ({
      row,
      spec,
      wrapping: { id, spec: "RSA_2048", sealed }
    }) as const

  inside("material comes in by every algorithm the token has, is the same everywhere, and stays in", ({ provider }) =>
    Effect.gen(function* () {
      const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
      const material = chance("imported").bytes(32)
      const request = requestOf(sealed)
      const fingerprints = new Set<string>()
      for (const algorithm of ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1"] as const) {
        const wrapped = wrappedBy(publicKey, material, algorithm === "RSAES_OAEP_SHA_1")
        const { stored, fingerprint } = yield* provider.importMaterial({ ...request, algorithm, wrapped })
        fingerprints.add(fingerprint)
        const handle = yield* provider.open({ ...request, stored })
        const blob = yield* provider.seal({ handle, plaintext: utf8("text"), context: payroll })
        const decipher = createDecipheriv("aes-256-gcm", material, blob.subarray(34, 46), { authTagLength: 16 })
        decipher.setAAD(new Uint8Array([...blob.subarray(0, 46), ...payroll])).setAuthTag(blob.subarray(-16))
        const opened = Buffer.concat([decipher.update(blob.subarray(46, -16)), decipher.final()])
        expect(opened.toString()).toBe("text")
      }
      expect(fingerprints.size).toBe(1)
      const wrapped = wrappedBy(publicKey, material)
      const another = yield* provider.importMaterial({ ...requestOf(sealed), algorithm: "RSAES_PKCS1_V1_5", wrapped })
      expect(fingerprints.has(another.fingerprint)).toBe(false)
      expect(readableSecrets(token).readable).toStrictEqual([])
      yield* provider.forgetWrappingPair(id)
      const late = provider.importMaterial({ ...request, algorithm: "RSAES_PKCS1_V1_5", wrapped })
      expect(yield* reasonOf(late)).toBe("Unavailable")
    })
  )

  inside(
    "material of a wrong length, and what is no wrapped material, is rejected and leaves nothing",
    ({ pool, provider }) =>
      Effect.gen(function* () {
        const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
        const request = { ...requestOf(sealed), algorithm: "RSAES_PKCS1_V1_5" } as const
        const before = (yield* Effect.orDie(pool.call("list", { labelPrefix: "" }))).length
        const whole = wrappedBy(publicKey, new Uint8Array(32))
        const wrong = [1, 16, 24, 31, 33, 64].map((length) => wrappedBy(publicKey, new Uint8Array(length)))
        wrong.push(noContext, whole.slice(1), flipped(whole, 9), new Uint8Array(256), new Uint8Array(256).fill(0xff))
        for (const [i, wrapped] of wrong.entries()) {
          expect(yield* reasonOf(provider.importMaterial({ ...request, wrapped })), `case ${i}`).toBe("Rejected")
        }
        expect((yield* Effect.orDie(pool.call("list", { labelPrefix: "" }))).length).toBe(before)
        const session = { ...request, wrapping: { ...request.wrapping, id: crypto.randomUUID() }, wrapped: whole }
        expect(yield* reasonOf(provider.importMaterial(session))).toBe("Rejected")
      })
  )

  inside("what the token lacks is named, and is not done in its stead", ({ provider }) =>
    Effect.gen(function* () {
      const lack = (algorithm: "RSAES_PKCS1_V1_5" | "RSAES_OAEP_SHA_256") =>
        provider.lacks({ spec: "RSA_2048", algorithm })
      expect([lack("RSAES_PKCS1_V1_5"), lack("RSAES_OAEP_SHA_256")]).toStrictEqual([
        undefined,
        "CKM_RSA_PKCS_OAEP with SHA-256"
      ])
      const { sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
      const wrapped = new Uint8Array(256)
      const asked = provider.importMaterial({ ...requestOf(sealed), algorithm: "RSAES_OAEP_SHA_256", wrapped })
      expect(yield* reasonOf(asked)).toBe("UnsupportedSpec")
      expect(yield* reasonOf(provider.adopt({ row: freshRow(), spec, material: new Uint8Array(32) }))).toBe(
        "UnsupportedSpec"
      )
    })
  )

  inside("destroying spares what the row names and what is on its way in, and nothing else", ({ provider }) =>
    Effect.gen(function* () {
      const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
      const request = { ...requestOf(sealed), algorithm: "RSAES_PKCS1_V1_5" } as const
      const bring = provider.importMaterial({ ...request, wrapped: wrappedBy(publicKey, new Uint8Array(32)) })
      const [first, second, third] = [yield* bring, yield* bring, yield* bring]
      for (const { release } of [first, second]) release()
      const opens = Effect.forEach([first, second, third], ({ stored }) =>
        reasonOf(provider.open({ ...request, stored }))
      )
      const destroy = (keep: typeof first | undefined) =>
        provider.destroy({ row: request.row, keep: Effect.succeed(keep?.stored) })
      yield* destroy(second)
      expect(yield* opens).toStrictEqual(["Unavailable", "ok", "ok"])
      const unreadable = { ...second.stored, sealed: flipped(second.stored.sealed, 99) }
      expect(yield* reasonOf(destroy({ ...second, stored: unreadable }))).toBe("Rejected")
      expect(yield* opens).toStrictEqual(["Unavailable", "ok", "ok"])
      third.release()
      yield* destroy(undefined)
      yield* destroy(undefined)
      expect(yield* opens).toStrictEqual(["Unavailable", "Unavailable", "Unavailable"])
    })
  )
})
