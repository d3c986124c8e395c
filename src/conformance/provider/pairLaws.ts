/** Laws about asymmetric versions: storing, opening, signing and encryption, alone and with another provider. */
import { Effect } from "effect"
import { encodeRsaPrivateKey, parseRsaPrivateKey } from "../../crypto/asymmetric/pkcs8.ts"
import type { CryptoFailed, CryptoProvider, KeyHandle } from "../../crypto/provider.ts"
import type { StoredMaterial } from "../../records/rows.ts"
import {
  EncryptionAlgorithm,
  encryptionAlgorithmsOf,
  plaintextBytesMaxOf,
  SignatureAlgorithm,
  signatureAlgorithmsOf
} from "../../domain/algorithms.ts"
import { capabilityOf, KeySpec } from "../../domain/keySpec.ts"
import { adoptable } from "./adoptable.ts"
import { chance, diesOf, flipped, noContext, rowA, rowB, toHex, utf8 } from "./material.ts"
import type { LawWriter } from "../partLaws.ts"
import { expect } from "../expect.ts"
import { providerOf } from "./providerLaws.ts"
import type { ProviderUnderTest } from "./providerLaws.ts"

const digest = chance("digest").bytes(32)
const pairSpecs = KeySpec.literals.filter((spec) => capabilityOf(spec).kind === "asymmetric")

const reasonOf = <A, E extends { readonly reason: string }>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

/** A key pair that the provider made, opened by it and by the other provider. */
const pairsOf = (provider: CryptoProvider, another: CryptoProvider, spec: KeySpec) => {
  const stored = Effect.runSync(Effect.cached(provider.generate({ row: rowA, spec })))
  const held = Effect.flatMap(stored, (stored) =>
    Effect.all({
      handle: provider.open({ row: rowA, spec, stored }),
      theirs: another.open({ row: rowA, spec, stored })
    })
  )
  return { provider, another, spec, stored, held }
}

type Pairs = ReturnType<typeof pairsOf>

const verifiedByBoth = ({ provider, another, held }: Pairs, algorithm: SignatureAlgorithm) =>
  Effect.gen(function* () {
    const { handle, theirs } = yield* held
    const both = [
      { provider, handle },
      { provider: another, handle: theirs }
    ]
    for (const signing of both) {
      const signature = yield* signing.provider.sign({ handle: signing.handle, algorithm, digest })
      for (const { provider, handle } of both) {
        const is = (digest: Uint8Array, signature: Uint8Array) =>
          provider.verify({ handle, algorithm, digest, signature })
        expect(yield* is(digest, signature)).toBe(true)
        expect(yield* is(flipped(digest, 255), signature)).toBe(false)
        for (const at of [0, 1, 3, signature.length >> 1, signature.length - 1]) {
          expect(yield* is(digest, flipped(signature, at * 8)), `byte ${at}`).toBe(false)
        }
        for (const malformed of [noContext, signature.slice(1), signature.slice(0, -1), utf8("no signature")]) {
          expect(yield* is(digest, malformed)).toBe(false)
        }
        expect(yield* is(digest, new Uint8Array([...signature, 0]))).toBe(false)
      }
    }
  })

const openedByBoth = ({ provider, another, spec, held }: Pairs, algorithm: EncryptionAlgorithm) =>
  Effect.gen(function* () {
    const { handle, theirs } = yield* held
    const most = plaintextBytesMaxOf(spec, algorithm) ?? 0
    for (const length of [1, 32, most]) {
      const plaintext = chance(`${length}`).bytes(length)
      const byMe = yield* provider.encrypt({ handle, algorithm, plaintext })
      const byThem = yield* another.encrypt({ handle: theirs, algorithm, plaintext })
      const openedByThem = yield* another.decrypt({ handle: theirs, algorithm, ciphertext: byMe })
      const openedByMe = yield* provider.decrypt({ handle, algorithm, ciphertext: byThem })
      expect([toHex(openedByThem), toHex(openedByMe)]).toStrictEqual([toHex(plaintext), toHex(plaintext)])
      expect(toHex(byMe)).not.toBe(toHex(yield* provider.encrypt({ handle, algorithm, plaintext })))
    }
    const tooLong = new Uint8Array(most + 1)
    expect(yield* reasonOf(provider.encrypt({ handle, algorithm, plaintext: tooLong }))).toBe("Rejected")
  })

const answersAlikeToWrongCiphertext = ({ provider, held }: Pairs, algorithm: EncryptionAlgorithm) =>
  Effect.gen(function* () {
    const { handle } = yield* held
    const ciphertext = yield* provider.encrypt({ handle, algorithm, plaintext: utf8("text") })
    const wrong = [
      noContext,
      ciphertext.slice(1),
      ciphertext.slice(0, -1),
      new Uint8Array([...ciphertext, 0]),
      new Uint8Array(ciphertext.length),
      new Uint8Array(ciphertext.length).fill(0xff),
      new Uint8Array(6145),
      ...[0, 1, ciphertext.length - 1].map((at) => flipped(ciphertext, at * 8))
    ]
    for (const ciphertext of wrong) {
      const failure = yield* Effect.flip(provider.decrypt({ handle, algorithm, ciphertext }))
      expect({ ...failure }).toStrictEqual({ _tag: "CryptoFailed", reason: "Rejected" })
    }
  })

const refusesForeignAlgorithms = ({ provider, spec, held }: Pairs) =>
  Effect.gen(function* () {
    const { handle } = yield* held
    const message = { handle, plaintext: utf8("text"), context: noContext }
    const asked: Array<Effect.Effect<unknown, { readonly reason: string }>> = [
      provider.seal(message),
      provider.unseal({ handle, blob: new Uint8Array(200), context: noContext })
    ]
    for (const algorithm of SignatureAlgorithm.literals) {
      if (signatureAlgorithmsOf(spec).includes(algorithm)) continue
      asked.push(provider.sign({ handle, algorithm, digest }))
      asked.push(provider.verify({ handle, algorithm, digest, signature: digest }))
    }
    for (const algorithm of EncryptionAlgorithm.literals) {
      if (encryptionAlgorithmsOf(spec).includes(algorithm)) continue
      asked.push(provider.encrypt({ handle, algorithm, plaintext: digest }))
      asked.push(provider.decrypt({ handle, algorithm, ciphertext: digest }))
    }
    for (const effect of asked) expect(yield* reasonOf(effect)).toBe("UnsupportedSpec")
  })

const refusesOtherDigestLengths = ({ provider, spec, held }: Pairs) =>
  Effect.gen(function* () {
    const { handle } = yield* held
    for (const algorithm of signatureAlgorithmsOf(spec)) {
      for (const length of [0, 20, 31, 33, 48, 64]) {
        const request = { handle, algorithm, digest: new Uint8Array(length) }
        expect(yield* reasonOf(provider.sign(request))).toBe("Rejected")
        expect(yield* reasonOf(provider.verify({ ...request, signature: digest }))).toBe("Rejected")
      }
    }
  })

const opensInItsOwnRow = ({ provider, spec, stored }: Pairs) =>
  Effect.gen(function* () {
    const own = yield* stored
    const twin = yield* provider.generate({ row: rowA, spec })
    const refusal = (row: typeof rowA, stored: StoredMaterial, as: KeySpec = spec) =>
      reasonOf(provider.open({ row, spec: as, stored }))
    expect(yield* refusal(rowB, own)).toBe("Rejected")
    expect(yield* refusal(rowA, { ...own, publicKey: twin.publicKey })).toBe("Rejected")
    expect(yield* refusal(rowA, { ...own, publicKey: undefined })).toBe("Rejected")
    expect(yield* refusal(rowA, { ...own, sealed: flipped(own.sealed, 200) })).toBe("Rejected")
    for (const as of KeySpec.literals) if (as !== spec) expect(yield* refusal(rowA, own, as)).toBe("Rejected")
  })

const refusesClosedHandles = ({ provider, spec, stored, held }: Pairs) =>
  Effect.gen(function* () {
    const closed = yield* Effect.flatMap(stored, (stored) => provider.open({ row: rowA, spec, stored }))
    closed.close()
    closed.close()
    const { theirs } = yield* held
    const [algorithm = "SM2DSA"] = signatureAlgorithmsOf(spec)
    const [cipher = "SM2PKE"] = encryptionAlgorithmsOf(spec)
    for (const handle of [closed, theirs] satisfies Array<KeyHandle>) {
      const verbs: Array<() => Effect.Effect<unknown, CryptoFailed>> = [
        () => provider.sign({ handle, algorithm, digest }),
        () => provider.verify({ handle, algorithm, digest, signature: digest }),
        () => provider.encrypt({ handle, algorithm: cipher, plaintext: digest }),
        () => provider.decrypt({ handle, algorithm: cipher, ciphertext: digest })
      ]
      for (const verb of verbs) expect(diesOf(verb)).toBe(true)
    }
  })

const adoptsWhatOpenSslMade = ({ provider, spec }: Pairs) =>
  Effect.gen(function* () {
    const { pkcs8, spki, others } = adoptable(spec)
    const adopted = yield* provider.adopt({ row: rowB, spec, material: pkcs8 })
    expect(toHex(adopted.publicKey ?? noContext)).toBe(toHex(spki))
    const handle = yield* provider.open({ row: rowB, spec, stored: adopted })
    const [algorithm = "SM2DSA"] = signatureAlgorithmsOf(spec)
    const signature = yield* provider.sign({ handle, algorithm, digest })
    expect(yield* provider.verify({ handle, algorithm, digest, signature })).toBe(true)
    const wrong = [noContext, pkcs8.slice(1), pkcs8.slice(0, -1), new Uint8Array([...pkcs8, 0]), spki, ...others]
    for (const material of wrong) {
      expect(yield* reasonOf(provider.adopt({ row: rowB, spec, material }))).toBe("Rejected")
    }
  })

export const pairLaws = ({ describe, it }: LawWriter, mine: ProviderUnderTest, other: ProviderUnderTest): void => {
  const provider = providerOf(mine, chance("pairs"))
  const another = providerOf(other, chance("pairs of the other"))

  describe.each(pairSpecs.filter((spec) => provider.specs.has(spec)))(`%s`, (spec) => {
    const subject = pairsOf(provider, another, spec)

    it.effect.each(signatureAlgorithmsOf(spec))(
      `%s: the provider and ${other.name} verify each other's signatures, and nothing else`,
      (algorithm) => verifiedByBoth(subject, algorithm)
    )

    it.effect.each(encryptionAlgorithmsOf(spec))(
      `%s: the provider and ${other.name} open each other's ciphertexts, up to the longest plaintext`,
      (algorithm) => openedByBoth(subject, algorithm)
    )

    it.effect.each(encryptionAlgorithmsOf(spec))("%s: every faulty ciphertext gets the same answer", (algorithm) =>
      answersAlikeToWrongCiphertext(subject, algorithm)
    )

    it.effect("a key pair refuses algorithms of other kinds of keys, and refuses to seal", () =>
      refusesForeignAlgorithms(subject)
    )

    it.effect("a signature needs a digest of 32 bytes", () => refusesOtherDigestLengths(subject))

    it.effect("a stored key pair opens only in its row and with its public key", () => opensInItsOwnRow(subject))

    it.effect("a closed handle and a handle of another provider refuse every call with a defect", () =>
      refusesClosedHandles(subject)
    )

    it.effect("a key of OpenSSL is adopted and works, and a changed one is refused", () =>
      adoptsWhatOpenSslMade(subject)
    )
  })

  if (!provider.specs.has("RSA_2048")) return
  it.effect("an RSA key with an inconsistent number is not adopted", () =>
    Effect.gen(function* () {
      const key = parseRsaPrivateKey(adoptable("RSA_2048").pkcs8)
      expect(key).toBeDefined()
      for (const [name, value] of Object.entries(key ?? {})) {
        const material = key && encodeRsaPrivateKey({ ...key, [name]: value + 2n })
        const adopted = provider.adopt({ row: rowA, spec: "RSA_2048", material: material ?? noContext })
        expect(yield* reasonOf(adopted), name).toBe("Rejected")
      }
    })
  )
}
