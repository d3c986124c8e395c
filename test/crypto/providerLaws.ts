/** What every provider of software keys must keep, whatever library it is made of. */
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import fc from "fast-check"
import { blobOverheadBytes, blobTarget } from "../../src/crypto/blob.ts"
import type { CryptoProvider, KeyHandle } from "../../src/crypto/provider.ts"
import type { RootKey } from "../../src/crypto/seal.ts"
import { canonicalContext } from "../../src/domain/encryptionContext.ts"
import { KeySpec } from "../../src/domain/keySpec.ts"
import type { Randomness } from "../../src/domain/outside.ts"
import {
  brokenChance,
  chance,
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

export interface ProviderUnderTest {
  readonly name: string
  readonly makeProvider: (options: {
    readonly randomness: Chance
    readonly rootKey: RootKey
    readonly name?: string
  }) => CryptoProvider
  readonly makeRootKey: (given: { readonly bytes: Uint8Array; readonly randomness: Chance }) => RootKey
}

const rootBytes = new Uint8Array(32).fill(7)
const payroll = canonicalContext(new Map([["purpose", "payroll"]]))

export const providerLaws = (mine: ProviderUnderTest, other: ProviderUnderTest): void => {
  const made = (under: ProviderUnderTest, randomness: Chance): CryptoProvider =>
    under.makeProvider({
      randomness,
      rootKey: under.makeRootKey({ bytes: rootBytes, randomness: chance(`root of ${under.name}`) })
    })
  const provider = made(mine, chance("laws"))
  const another = made(other, chance("laws of the other"))
  const material = chance("material").bytes(32)
  const a = holding(provider, rowA, material)

  const seal = (plaintext: Uint8Array, context = noContext, handle = a) => provider.seal({ handle, plaintext, context })
  const refusal = (handle: KeyHandle, blob: Uint8Array, context = noContext) =>
    Effect.map(Effect.flip(provider.unseal({ handle, blob, context })), ({ reason }) => reason)

  describe(`messages, ${mine.name}`, () => {
    it.effect("what was sealed opens, with the same context, and names its key", () =>
      Effect.promise(() =>
        fc.assert(
          fc.asyncProperty(
            fc.uint8Array({ maxLength: 300 }),
            fc.uint8Array({ maxLength: 60 }),
            async (plaintext, context) => {
              const blob = await Effect.runPromise(seal(plaintext, context))
              const opened = await Effect.runPromise(provider.unseal({ handle: a, blob, context }))
              expect(toHex(opened)).toBe(toHex(plaintext))
              expect(blob.length).toBe(plaintext.length + blobOverheadBytes)
              expect(blobTarget(blob)).toStrictEqual(rowA)
            }
          ),
          { numRuns: 50 }
        )
      )
    )

    it.effect("no blob with any one bit changed opens", () =>
      Effect.gen(function* () {
        for (const length of [0, 16, 44]) {
          const blob = yield* seal(new Uint8Array(length).fill(1), payroll)
          for (let bit = 0; bit < blob.length * 8; bit++) {
            expect(yield* refusal(a, flipped(blob, bit), payroll), `bit ${bit}`).toBe("Rejected")
          }
        }
      })
    )

    it.effect("no blob cut at any length opens, and none with anything appended", () =>
      Effect.gen(function* () {
        const blob = yield* seal(utf8("forty-four bytes of text, counted carefully."))
        for (let length = 0; length < blob.length; length++) {
          expect(yield* refusal(a, blob.subarray(0, length)), `${length} bytes`).toBe("Rejected")
        }
        for (const tail of [[0], [0xff], [...blob]]) {
          expect(yield* refusal(a, new Uint8Array([...blob, ...tail]))).toBe("Rejected")
        }
      })
    )

    it.effect("a blob opens under its own context only", () =>
      Effect.gen(function* () {
        const contexts = [noContext, payroll, canonicalContext(new Map([["purpose", "Payroll"]])), payroll.slice(1)]
        for (const sealedWith of contexts) {
          const blob = yield* seal(utf8("text"), sealedWith)
          for (const openedWith of contexts.filter((context) => context !== sealedWith)) {
            expect(yield* refusal(a, blob, openedWith)).toBe("Rejected")
          }
        }
      })
    )

    it.effect("two keys with the same material cannot read each other's blobs, nor can two versions of one key", () =>
      Effect.gen(function* () {
        const blob = yield* seal(utf8("text"))
        for (const row of [rowB, nextVersionOfA]) {
          const twin = holding(provider, row, material)
          expect(yield* refusal(twin, blob)).toBe("Rejected")
          // The header of the twin on the body of A: addressed to the twin, made by A.
          const theirs = yield* seal(utf8("text"), noContext, twin)
          const forged = blob.slice()
          forged.set(theirs.subarray(0, 34))
          expect(blobTarget(forged)).toStrictEqual(row)
          expect(yield* refusal(twin, forged)).toBe("Rejected")
          forged.set(theirs.subarray(0, 82))
          expect(yield* refusal(twin, forged)).toBe("Rejected")
          expect(yield* refusal(a, forged)).toBe("Rejected")
        }
      })
    )

    it.effect(`reads what ${other.name} wrote, and is read by it`, () =>
      Effect.gen(function* () {
        const theirs = holding(another, rowA, material)
        for (const length of [0, 1, 16, 44, 6144]) {
          const plaintext = new Uint8Array(length).fill(length)
          const mineSealed = yield* seal(plaintext, payroll)
          const theirSealed = yield* another.seal({ handle: theirs, plaintext, context: payroll })
          const byThem = yield* another.unseal({ handle: theirs, blob: mineSealed, context: payroll })
          const byMe = yield* provider.unseal({ handle: a, blob: theirSealed, context: payroll })
          expect([toHex(byThem), toHex(byMe)]).toStrictEqual([toHex(plaintext), toHex(plaintext)])
        }
      })
    )

    it.effect("neither text nor blob that was given is changed", () =>
      Effect.gen(function* () {
        const plaintext = utf8("given")
        const blob = yield* seal(plaintext, payroll)
        const before = toHex(blob)
        yield* provider.unseal({ handle: a, blob, context: payroll })
        yield* refusal(a, blob)
        expect([toHex(plaintext), toHex(blob)]).toStrictEqual([toHex(utf8("given")), before])
      })
    )
  })

  describe(`chance, ${mine.name}`, () => {
    it.effect("ten thousand blobs have ten thousand nonces and commitments", () =>
      Effect.gen(function* () {
        const seen = new Set<string>()
        for (let i = 0; i < 10_000; i++) {
          const blob = yield* seal(noContext)
          seen.add(toHex(blob.subarray(34, 50))).add(toHex(blob.subarray(50, 82)))
        }
        expect(seen.size).toBe(20_000)
      })
    )

    it.for(Object.entries(brokenChance))("a generator that %s makes no blob that repeats and no key", ([, broken]) => {
      const lamed = made(mine, broken)
      const handle = holding(lamed, rowA, material)
      const blobs: Array<string> = []
      const attempt = (): void => {
        blobs.push(toHex(Effect.runSync(lamed.seal({ handle, plaintext: noContext, context: noContext }))))
      }
      expect(() => {
        attempt()
        attempt()
      }).toThrow(/randomness|generator/)
      expect(blobs.length).toBeLessThan(2)
      expect(() => Effect.runSync(lamed.generate({ row: rowA, spec }))).toThrow(/randomness|generator/)
    })
  })

  describe(`material, ${mine.name}`, () => {
    it.effect("generated material opens and works, and no two are alike", () =>
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
    )

    it.effect("stored material opens in its own row only, and under its own root key only", () =>
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
    )

    it.effect(`opens material that ${other.name} stored`, () =>
      Effect.gen(function* () {
        const stored = yield* another.adopt({ row: rowA, spec, material })
        const handle = yield* provider.open({ row: rowA, spec, stored })
        const blob = yield* seal(utf8("text"))
        expect(toHex(yield* provider.unseal({ handle, blob, context: noContext }))).toBe(toHex(utf8("text")))
      })
    )

    it.effect("stored material with any one bit changed does not open", () =>
      Effect.gen(function* () {
        const { sealed } = yield* provider.adopt({ row: rowA, spec, material })
        for (let bit = 0; bit < sealed.length * 8; bit++) {
          const stored = { sealed: flipped(sealed, bit), publicKey: undefined }
          expect((yield* Effect.flip(provider.open({ row: rowA, spec, stored }))).reason, `bit ${bit}`).toBe("Rejected")
        }
      })
    )

    it.effect("material of the wrong length is refused, and so is a public key beside what has none", () =>
      Effect.gen(function* () {
        for (const length of [0, 16, 31, 33, 64]) {
          const wrong = provider.adopt({ row: rowA, spec, material: new Uint8Array(length) })
          expect((yield* Effect.flip(wrong)).reason).toBe("Rejected")
        }
        const { sealed } = yield* provider.adopt({ row: rowA, spec, material })
        const stored = { sealed, publicKey: new Uint8Array(1) }
        expect((yield* Effect.flip(provider.open({ row: rowA, spec, stored }))).reason).toBe("Rejected")
      })
    )

    it("every spec is served, under the provider's own name or a given one", () => {
      expect([...provider.specs]).toStrictEqual(KeySpec.literals)
      expect(provider.name).toBe(mine.name)
      const rootKey = mine.makeRootKey({ bytes: rootBytes, randomness: chance("root") })
      expect(mine.makeProvider({ randomness: chance("named"), rootKey, name: "simulator" }).name).toBe("simulator")
    })

    it("a closed handle refuses every verb with a defect, and so does a handle of another provider", () => {
      const blob = Effect.runSync(seal(utf8("text")))
      const closed = holding(provider, rowA, material)
      closed.close()
      closed.close()
      for (const handle of [closed, holding(another, rowA, material)]) {
        expect(() => Effect.runSync(seal(utf8("text"), noContext, handle))).toThrow("until it is closed")
        expect(() => Effect.runSync(provider.unseal({ handle, blob, context: noContext }))).toThrow(
          "until it is closed"
        )
      }
    })

    it("a handle prints as its spec", () => {
      expect([String(a), JSON.stringify(a)]).toStrictEqual([spec, JSON.stringify(spec)])
    })

    it.effect("the known answers are right", () => provider.selfTest)
  })
}
