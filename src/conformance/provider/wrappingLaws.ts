/** Laws about import and export: material in, data keys out, and one error for all faults. */
import { Effect } from "effect"
import fc from "fast-check"
import type { CryptoProvider, ImportRequest, WrappingPair } from "../../crypto/provider.ts"
import { wrappingAlgorithmsOf, WrappingAlgorithm, WrappingKeySpec } from "../../domain/algorithms.ts"
import { capabilities } from "../../domain/keySpec.ts"
import { chance, flipped, noContext, rowA, rowB, toHex, utf8 } from "./material.ts"
import type { LawWriter } from "../partLaws.ts"
import { expect } from "../expect.ts"
import { providerOf } from "./providerLaws.ts"
import type { ProviderUnderTest } from "./providerLaws.ts"

const id = "5e551011-0000-4000-8000-000000000001"
const symmetricSpecs = ["Aliyun_AES_256", "Aliyun_SM4"] as const

const reasonOf = <A, E extends { readonly reason: string }>(effect: Effect.Effect<A, E>) =>
  Effect.map(Effect.flip(effect), ({ reason }) => reason)

interface Providers {
  readonly mine: ProviderUnderTest
  readonly provider: CryptoProvider
  readonly another: CryptoProvider
}

/** A wrapping pair of the provider, created once, and imports that use it. */
const wrappingOf = (providers: Providers, keySpec: WrappingKeySpec) => {
  const { provider } = providers
  const pair = Effect.runSync(Effect.cached(provider.makeWrappingPair({ id, spec: keySpec })))
  const requestOf = (
    { sealed }: WrappingPair,
    algorithm: WrappingAlgorithm,
    wrapped: Uint8Array,
    spec: ImportRequest["spec"] = "Aliyun_AES_256"
  ): ImportRequest => ({ row: rowA, spec, wrapping: { id, spec: keySpec, sealed }, algorithm, wrapped })
  return { ...providers, pair, requestOf, keySpec }
}

type Wrapping = ReturnType<typeof wrappingOf>

const importsWhatEitherWrapped = (
  { provider, another, pair, requestOf, keySpec }: Wrapping,
  algorithm: WrappingAlgorithm
) =>
  Effect.gen(function* () {
    const made = yield* pair
    for (const spec of symmetricSpecs.filter((each) => provider.specs.has(each))) {
      const material = chance(spec).bytes(capabilities[spec].materialBytes)
      for (const [wrapping, importing] of [
        [another, provider],
        [provider, another]
      ] as const) {
        const wrapped = yield* wrapping.wrap({
          publicKey: made.publicKey,
          keySpec,
          algorithm,
          plaintext: material
        })
        const { stored, fingerprint } = yield* importing.importMaterial(requestOf(made, algorithm, wrapped, spec))
        expect(stored.publicKey).toBeUndefined()
        expect(fingerprint).toMatch(/^[0-9a-f]{64}$/)
        const imported = yield* provider.open({ row: rowA, spec, stored })
        const direct = yield* provider.open({
          row: rowA,
          spec,
          stored: yield* provider.adopt({ row: rowA, spec, material })
        })
        const blob = yield* provider.seal({ handle: imported, plaintext: utf8("text"), context: noContext })
        const opened = yield* provider.unseal({ handle: direct, blob, context: noContext })
        expect(toHex(opened)).toBe(toHex(utf8("text")))
      }
    }
  })

const fingerprintsMaterialAndKey = ({ provider, pair, requestOf, keySpec }: Wrapping) =>
  Effect.gen(function* () {
    const made = yield* pair
    const fingerprintOf = (row: typeof rowA, plaintext: Uint8Array, algorithm: WrappingAlgorithm) =>
      Effect.gen(function* () {
        const wrapped = yield* provider.wrap({ publicKey: made.publicKey, keySpec, algorithm, plaintext })
        const imported = yield* provider.importMaterial({ ...requestOf(made, algorithm, wrapped), row })
        return imported.fingerprint
      })
    const material = chance("fingerprint").bytes(32)
    const same = yield* Effect.forEach(wrappingAlgorithmsOf(keySpec), (a) => fingerprintOf(rowA, material, a))
    expect(new Set(same).size).toBe(1)
    const [algorithm = "SM2PKE"] = wrappingAlgorithmsOf(keySpec)
    expect(yield* fingerprintOf({ ...rowA, keyVersionId: rowB.keyVersionId }, material, algorithm)).toBe(same[0])
    expect(yield* fingerprintOf(rowB, material, algorithm)).not.toBe(same[0])
    expect(yield* fingerprintOf(rowA, flipped(material, 0), algorithm)).not.toBe(same[0])
  })

const answersAlikeToWrongImports = ({ provider, pair, requestOf, keySpec }: Wrapping, algorithm: WrappingAlgorithm) =>
  Effect.gen(function* () {
    const made = yield* pair
    const wrap = (plaintext: Uint8Array) => provider.wrap({ publicKey: made.publicKey, keySpec, algorithm, plaintext })
    const wrapped = yield* wrap(new Uint8Array(32).fill(1))
    const wrong = [noContext, wrapped.slice(1), wrapped.slice(0, -1), new Uint8Array([...wrapped, 0])]
    wrong.push(new Uint8Array(wrapped.length), new Uint8Array(wrapped.length).fill(0xff), new Uint8Array(10_000))
    for (const length of [1, 16, 31, 33, 64]) wrong.push(yield* wrap(new Uint8Array(length)))
    for (const another of wrappingAlgorithmsOf(keySpec)) {
      const wrap = { publicKey: made.publicKey, keySpec, algorithm: another, plaintext: new Uint8Array(32) }
      if (another !== algorithm) wrong.push(yield* provider.wrap(wrap))
    }
    for (const [i, wrapped] of wrong.entries()) {
      const failure = yield* Effect.flip(provider.importMaterial(requestOf(made, algorithm, wrapped)))
      expect({ ...failure }, `case ${i}`).toStrictEqual({ _tag: "CryptoFailed", reason: "Rejected" })
    }
  })

const importsNothingCorrupted = (
  { provider, pair, requestOf, keySpec, mine }: Wrapping,
  algorithm: WrappingAlgorithm
) =>
  Effect.gen(function* () {
    const made = yield* pair
    const plaintext = chance("corrupted").bytes(32)
    const wrapped = yield* provider.wrap({ publicKey: made.publicKey, keySpec, algorithm, plaintext })
    const change = fc.tuple(fc.nat(wrapped.length - 1), fc.integer({ min: 1, max: 255 }))
    fc.assert(
      fc.property(change, ([at, by]) => {
        const corrupted = wrapped.with(at, (wrapped[at] ?? 0) ^ by)
        const outcome = Effect.runSync(Effect.result(provider.importMaterial(requestOf(made, algorithm, corrupted))))
        return outcome._tag === "Failure" && outcome.failure.reason === "Rejected"
      }),
      { numRuns: mine.name === "native" ? 300 : 20 }
    )
  })

const keepsWrappingKeysApart = ({ provider, pair, requestOf, keySpec }: Wrapping) =>
  Effect.gen(function* () {
    const made = yield* pair
    const [algorithm = "SM2PKE"] = wrappingAlgorithmsOf(keySpec)
    const plaintext = new Uint8Array(32)
    const wrapped = yield* provider.wrap({ publicKey: made.publicKey, keySpec, algorithm, plaintext })
    const request = requestOf(made, algorithm, wrapped)
    const session = { ...request, wrapping: { ...request.wrapping, id: rowA.keyId } }
    const sealed = { ...request, wrapping: { ...request.wrapping, sealed: flipped(made.sealed, 300) } }
    for (const wrong of [session, sealed]) expect(yield* reasonOf(provider.importMaterial(wrong))).toBe("Rejected")
    const again = yield* provider.makeWrappingPair({ id, spec: keySpec })
    expect(toHex(again.publicKey)).not.toBe(toHex(made.publicKey))
    expect(yield* reasonOf(provider.importMaterial(requestOf(again, algorithm, wrapped)))).toBe("Rejected")
  })

const importsSymmetricKeysOnly = ({ provider, pair, requestOf, keySpec }: Wrapping) =>
  Effect.gen(function* () {
    const made = yield* pair
    const [algorithm = "SM2PKE"] = wrappingAlgorithmsOf(keySpec)
    const pairImport = provider.importMaterial(requestOf(made, algorithm, noContext, "RSA_2048"))
    expect(yield* reasonOf(pairImport)).toBe("UnsupportedSpec")
    for (const algorithm of WrappingAlgorithm.literals) {
      if (wrappingAlgorithmsOf(keySpec).includes(algorithm)) continue
      const wrap = provider.wrap({ publicKey: made.publicKey, keySpec, algorithm, plaintext: new Uint8Array(32) })
      expect(yield* reasonOf(wrap)).toBe("UnsupportedSpec")
      const wrongImport = provider.importMaterial(requestOf(made, algorithm, noContext))
      expect(yield* reasonOf(wrongImport)).toBe("UnsupportedSpec")
    }
  })

const wrapsForFittingKeysOnly = ({ provider, another, pair, keySpec }: Wrapping) =>
  Effect.gen(function* () {
    const made = yield* pair
    const strangers = yield* Effect.forEach(
      ["RSA_2048", "RSA_3072", "EC_P256", "EC_P256K", "EC_SM2"] as const,
      (spec) =>
        spec === keySpec
          ? Effect.succeed(noContext)
          : Effect.map(another.generate({ row: rowA, spec }), (s) => s.publicKey)
    )
    const { publicKey } = made
    const wrong = [publicKey.slice(1), publicKey.slice(0, -1), new Uint8Array([...publicKey, 0]), ...strangers]
    // Every byte of the header, and every byte of a point: no other point has the same x or y, except its negative.
    for (let at = 0; at < (keySpec === "EC_SM2" ? publicKey.length : 33); at++) wrong.push(flipped(publicKey, at * 8))
    for (const algorithm of wrappingAlgorithmsOf(keySpec)) {
      for (const [i, key] of wrong.entries()) {
        const wrap = provider.wrap({
          publicKey: key ?? noContext,
          keySpec,
          algorithm,
          plaintext: new Uint8Array(32)
        })
        expect(yield* reasonOf(wrap), `case ${i}`).toBe("Rejected")
      }
      const most = { RSAES_PKCS1_V1_5: 245, RSAES_OAEP_SHA_1: 214, RSAES_OAEP_SHA_256: 190, SM2PKE: 6047 }[algorithm]
      const wrap = (length: number) =>
        provider.wrap({ publicKey, keySpec, algorithm, plaintext: new Uint8Array(length) })
      expect((yield* wrap(most)).length).toBe(keySpec === "EC_SM2" ? 6144 : 256)
      expect(yield* reasonOf(wrap(most + 1))).toBe("Rejected")
    }
  })

/** Whether the provider reports for every algorithm of a wrapping key that it cannot unwrap. */
const lacksAll = (provider: CryptoProvider, spec: WrappingKeySpec): boolean =>
  wrappingAlgorithmsOf(spec).every(
    (algorithm) => provider.lacks({ keySpec: "Aliyun_AES_256", spec, algorithm }) !== undefined
  )

export const wrappingLaws = ({ describe, it }: LawWriter, mine: ProviderUnderTest, other: ProviderUnderTest): void => {
  const provider = providerOf(mine, chance("wrapping"))
  const another = providerOf(other, chance("wrapping of the other"))

  describe.each(WrappingKeySpec.literals.filter((spec) => !lacksAll(provider, spec)))(`wrapping with %s`, (keySpec) => {
    const subject = wrappingOf({ mine, provider, another }, keySpec)

    it.effect.each(wrappingAlgorithmsOf(keySpec))(
      `%s: the provider and ${other.name} import what the other wrapped`,
      (algorithm) => importsWhatEitherWrapped(subject, algorithm)
    )

    it.effect("the fingerprint depends on the material and the key, not on the wrapping algorithm", () =>
      fingerprintsMaterialAndKey(subject)
    )

    it.effect.each(wrappingAlgorithmsOf(keySpec))("%s: every faulty import gets the same answer", (algorithm) =>
      answersAlikeToWrongImports(subject, algorithm)
    )

    it.effect.each(wrappingAlgorithmsOf(keySpec))(
      "%s: wrapped material with a changed byte is not imported",
      (algorithm) => importsNothingCorrupted(subject, algorithm)
    )

    it.effect("a wrapping key works only for its session, its spec and its root key", () =>
      keepsWrappingKeysApart(subject)
    )

    it.effect("only symmetric keys import material, and only by the algorithms of the wrapping key", () =>
      importsSymmetricKeysOnly(subject)
    )

    it.effect("wrapping refuses a key of another spec, and material that does not fit", () =>
      wrapsForFittingKeysOnly(subject)
    )
  })
}
