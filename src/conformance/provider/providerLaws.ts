/** Laws for every provider of software keys, with any crypto library. */
import { Effect, Result } from "effect"
import type { CryptoProvider, KeyHandle } from "../../crypto/provider.ts"
import type { RootKey } from "../../crypto/seal.ts"
import { KeySpec } from "../../domain/keySpec.ts"
import type { Randomness } from "../../platform/services.ts"
import type { LawWriter } from "../partLaws.ts"
import { expect } from "../expect.ts"
import {
  brokenChance,
  chance,
  diesOf,
  flipped,
  holding,
  nextVersionOfA,
  noContext,
  rowA,
  rowB,
  spec,
  toHex,
  utf8
} from "./material.ts"

type Chance = Randomness["Service"]

/** How the laws make the provider that they test, and its root key. */
export interface ProviderUnderTest {
  readonly name: string
  readonly makeProvider: (options: { readonly randomness: Chance; readonly rootKey: RootKey }) => CryptoProvider
  readonly makeRootKey: (given: { readonly bytes: Uint8Array; readonly randomness: Chance }) => RootKey
}

const rootBytes = new Uint8Array(32).fill(7)

/** A provider under test with the given root key. */
export const providerOf = (under: ProviderUnderTest, randomness: Chance): CryptoProvider =>
  under.makeProvider({
    randomness,
    rootKey: under.makeRootKey({ bytes: rootBytes, randomness: chance(`root of ${under.name}`) })
  })

/**
 * The provider under test, another provider, a key that the first one holds, and helpers to seal and to expect
 * refusals.
 */
const keepingOf = (mine: ProviderUnderTest, other: ProviderUnderTest) => {
  const provider = providerOf(mine, chance("laws"))
  const another = providerOf(other, chance("laws of the other"))
  const material = chance("material").bytes(32)
  const a = holding(provider, rowA, material)

  const seal = (plaintext: Uint8Array, context = noContext, handle = a) => provider.seal({ handle, plaintext, context })
  const refusal = (handle: KeyHandle, blob: Uint8Array, context = noContext) =>
    Effect.map(Effect.flip(provider.unseal({ handle, blob, context })), ({ reason }) => reason)
  return { mine, provider, another, material, a, seal, refusal }
}

type Keeping = ReturnType<typeof keepingOf>

const blobsDoNotRepeat = ({ seal }: Keeping) =>
  Effect.gen(function* () {
    const seen = new Set<string>()
    for (let i = 0; i < 10_000; i++) {
      const blob = yield* seal(noContext)
      seen.add(toHex(blob.subarray(34, 50))).add(toHex(blob.subarray(50, 82)))
    }
    expect(seen.size).toBe(20_000)
  })

/** The results up to the first call that throws. */
const madeBy = <A>(make: () => A, count: number): ReadonlyArray<A> => {
  const made: Array<A> = []
  for (let n = 0; n < count; n++) {
    const one = Result.try(make)
    if (Result.isFailure(one)) break
    made.push(one.success)
  }
  return made
}

/** A provider may refuse or use another generator. Its results must not repeat. */
const repeatsNothing = ({ material, mine, provider, seal, refusal }: Keeping, broken: Chance) => {
  const lamed = providerOf(mine, broken)
  const handle = holding(lamed, rowA, material)
  // A function, because a provider may seal as soon as it is called.
  const sealed = () => Effect.runSync(lamed.seal({ handle, plaintext: noContext, context: noContext }))
  const nonces = madeBy(() => toHex(sealed().subarray(34, 50)), 3)
  expect(new Set(nonces).size).toBe(nonces.length)
  const [first, second] = madeBy(() => Effect.runSync(lamed.generate({ row: rowA, spec })), 2).map((stored) =>
    Effect.runSync(provider.open({ row: rowA, spec, stored }))
  )
  if (first === undefined || second === undefined) return
  const blob = Effect.runSync(seal(noContext, noContext, first))
  expect(Effect.runSync(refusal(second, blob))).toBe("Rejected")
}

const generatedMaterialWorks = ({ provider, a, seal, refusal }: Keeping) =>
  Effect.gen(function* () {
    const handles: Array<KeyHandle> = []
    for (let i = 0; i < 2; i++) {
      const stored = yield* provider.generate({ row: rowB, spec })
      expect(stored.publicKey).toBeUndefined()
      handles.push(yield* provider.open({ row: rowB, spec, stored }))
    }
    const [first = a, second = a] = handles
    const blob = yield* seal(utf8("text"), noContext, first)
    expect(toHex(yield* provider.unseal({ handle: first, blob, context: noContext }))).toBe(toHex(utf8("text")))
    expect(yield* refusal(second, blob)).toBe("Rejected")
  })

const opensInItsOwnRow = ({ provider, material, mine }: Keeping) =>
  Effect.gen(function* () {
    const stored = yield* provider.adopt({ row: rowA, spec, material })
    for (const row of [rowB, nextVersionOfA, { ...rowB, keyVersionId: rowA.keyVersionId }]) {
      expect((yield* Effect.flip(provider.open({ row, spec, stored }))).reason).toBe("Rejected")
    }
    const elsewhere = mine.makeProvider({
      randomness: chance("elsewhere"),
      rootKey: mine.makeRootKey({ bytes: new Uint8Array(32).fill(8), randomness: chance("elsewhere") })
    })
    expect((yield* Effect.flip(elsewhere.open({ row: rowA, spec, stored }))).reason).toBe("Rejected")
    expect((yield* provider.open({ row: rowA, spec, stored })).row).toStrictEqual(rowA)
  })

const opensTheOthersMaterial = ({ provider, another, material, seal }: Keeping) =>
  Effect.gen(function* () {
    const stored = yield* another.adopt({ row: rowA, spec, material })
    const handle = yield* provider.open({ row: rowA, spec, stored })
    const blob = yield* seal(utf8("text"))
    expect(toHex(yield* provider.unseal({ handle, blob, context: noContext }))).toBe(toHex(utf8("text")))
  })

const noChangedBitOpens = ({ provider, material }: Keeping) =>
  Effect.gen(function* () {
    const { sealed } = yield* provider.adopt({ row: rowA, spec, material })
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const stored = { sealed: flipped(sealed, bit), publicKey: undefined }
      expect((yield* Effect.flip(provider.open({ row: rowA, spec, stored }))).reason, `bit ${bit}`).toBe("Rejected")
    }
  })

const refusesWrongMaterial = ({ provider, material }: Keeping) =>
  Effect.gen(function* () {
    for (const length of [0, 16, 31, 33, 64]) {
      const wrong = provider.adopt({ row: rowA, spec, material: new Uint8Array(length) })
      expect((yield* Effect.flip(wrong)).reason).toBe("Rejected")
    }
    const { sealed } = yield* provider.adopt({ row: rowA, spec, material })
    const stored = { sealed, publicKey: new Uint8Array(1) }
    expect((yield* Effect.flip(provider.open({ row: rowA, spec, stored }))).reason).toBe("Rejected")
  })

const holdsKnownSpecs = ({ provider, mine }: Keeping) => {
  expect(provider.specs.has("Aliyun_AES_256"), "specs has Aliyun_AES_256, which these laws use").toBe(true)
  expect([...provider.specs].filter((held) => !KeySpec.literals.includes(held))).toStrictEqual([])
  expect(provider.name).toBe(mine.name)
}

const refusesAbsentSpec = ({ provider }: Keeping, absent: KeySpec) =>
  Effect.gen(function* () {
    expect((yield* Effect.flip(provider.generate({ row: rowA, spec: absent }))).reason).toBe("UnsupportedSpec")
    const stored = { sealed: noContext, publicKey: undefined }
    expect((yield* Effect.flip(provider.open({ row: rowA, spec: absent, stored }))).reason).toBe("UnsupportedSpec")
  })

const refusesClosedHandles = ({ provider, another, material, seal }: Keeping) => {
  const blob = Effect.runSync(seal(utf8("text")))
  const closed = holding(provider, rowA, material)
  closed.close()
  closed.close()
  for (const handle of [closed, holding(another, rowA, material)]) {
    expect(diesOf(() => seal(utf8("text"), noContext, handle))).toBe(true)
    expect(diesOf(() => provider.unseal({ handle, blob, context: noContext }))).toBe(true)
  }
}

const printsAsItsSpec = ({ a }: Keeping) => {
  expect([String(a), JSON.stringify(a)]).toStrictEqual([spec, JSON.stringify(spec)])
}

export const providerLaws = ({ describe, it }: LawWriter, mine: ProviderUnderTest, other: ProviderUnderTest): void => {
  const subject = keepingOf(mine, other)

  describe(`chance`, () => {
    it.effect("ten thousand blobs have ten thousand nonces and commitments", () => blobsDoNotRepeat(subject))

    it.for(Object.entries(brokenChance))("no nonce and no key repeats with a generator that %s", ([, broken]) =>
      repeatsNothing(subject, broken)
    )
  })

  describe(`material`, () => {
    it.effect("generated material works and never repeats", () => generatedMaterialWorks(subject))

    it.effect("stored material opens only in its row and under its root key", () => opensInItsOwnRow(subject))

    it.effect(`the provider opens material that ${other.name} stored`, () => opensTheOthersMaterial(subject))

    it.effect("stored material with a changed bit does not open", () => noChangedBitOpens(subject))

    it.effect("material of a wrong length is refused, and a public key for a symmetric key too", () =>
      refusesWrongMaterial(subject)
    )

    it("the provider has known specs, including AES, and its own name", () => holdsKnownSpecs(subject))

    it.effect.each(KeySpec.literals.filter((each) => !subject.provider.specs.has(each)))(
      "a key of spec %s, which the provider does not hold, is refused with UnsupportedSpec",
      (absent) => refusesAbsentSpec(subject, absent)
    )

    it("a closed handle and a handle of another provider refuse every call with a defect", () =>
      refusesClosedHandles(subject))

    it("a handle prints only its spec", () => printsAsItsSpec(subject))

    it.effect("the provider passes its self-test", () => subject.provider.selfTest)
  })
}
