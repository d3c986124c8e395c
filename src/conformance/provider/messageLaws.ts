/** Laws about messages: sealed under one version of one symmetric key, with either cipher. */
import { Effect } from "effect"
import fc from "fast-check"
import { blobOverheadBytes, blobTarget } from "../../crypto/blob.ts"
import type { CryptoFailed, CryptoProvider, KeyHandle } from "../../crypto/provider.ts"
import { canonicalContext } from "../../domain/encryptionContext.ts"
import { capabilities } from "../../domain/keySpec.ts"
import { chance, flipped, holding, nextVersionOfA, noContext, rowA, rowB, toHex, utf8 } from "./material.ts"
import type { LawWriter } from "../partLaws.ts"
import { expect } from "../expect.ts"
import { providerOf } from "./providerLaws.ts"
import type { ProviderUnderTest } from "./providerLaws.ts"

const payroll = canonicalContext(new Map([["purpose", "payroll"]]))

type CipherSpec = "Aliyun_AES_256" | "Aliyun_SM4"

/** A key of one cipher that the provider holds, with helpers to seal and to expect refusals. */
const messagesOf = (provider: CryptoProvider, another: CryptoProvider, spec: CipherSpec) => {
  const material = chance("material").bytes(capabilities[spec].materialBytes)
  const a = holding(provider, rowA, material, spec)
  const seal = (plaintext: Uint8Array, context = noContext, handle = a) => provider.seal({ handle, plaintext, context })
  const refusal = (handle: KeyHandle, blob: Uint8Array, context = noContext) =>
    Effect.map(Effect.flip(provider.unseal({ handle, blob, context })), ({ reason }) => reason)
  return { provider, another, material, a, seal, refusal, spec }
}

type Messages = ReturnType<typeof messagesOf>

const whatWasSealedOpens = ({ provider, a, seal }: Messages) =>
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

const noChangedBitOpens = ({ a, seal, refusal }: Messages) =>
  Effect.gen(function* () {
    for (const length of [0, 16, 44]) {
      const blob = yield* seal(new Uint8Array(length).fill(1), payroll)
      for (let bit = 0; bit < blob.length * 8; bit++) {
        expect(yield* refusal(a, flipped(blob, bit), payroll), `bit ${bit}`).toBe("Rejected")
      }
    }
  })

const noCutBlobOpens = ({ a, seal, refusal }: Messages) =>
  Effect.gen(function* () {
    const blob = yield* seal(utf8("forty-four bytes of text, counted carefully."))
    for (let length = 0; length < blob.length; length++) {
      expect(yield* refusal(a, blob.subarray(0, length)), `${length} bytes`).toBe("Rejected")
    }
    for (const tail of [[0], [0xff], [...blob]]) {
      expect(yield* refusal(a, new Uint8Array([...blob, ...tail]))).toBe("Rejected")
    }
  })

const opensUnderItsOwnContext = ({ a, seal, refusal }: Messages) =>
  Effect.gen(function* () {
    const contexts = [noContext, payroll, canonicalContext(new Map([["purpose", "Payroll"]])), payroll.slice(1)]
    for (const sealedWith of contexts) {
      const blob = yield* seal(utf8("text"), sealedWith)
      for (const openedWith of contexts.filter((context) => context !== sealedWith)) {
        expect(yield* refusal(a, blob, openedWith)).toBe("Rejected")
      }
    }
  })

const twinsCannotRead = ({ provider, material, a, seal, refusal, spec }: Messages) =>
  Effect.gen(function* () {
    const blob = yield* seal(utf8("text"))
    for (const row of [rowB, nextVersionOfA]) {
      const twin = holding(provider, row, material, spec)
      expect(yield* refusal(twin, blob)).toBe("Rejected")
      // The twin's header with the body of A: the header names the twin, but A made the body.
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

const readsTheOthersBlobs = ({ provider, another, material, a, seal, spec }: Messages) =>
  Effect.gen(function* () {
    const theirs = holding(another, rowA, material, spec)
    for (const length of [0, 1, 16, 44, 6144]) {
      const plaintext = new Uint8Array(length).fill(length)
      const mineSealed = yield* seal(plaintext, payroll)
      const theirSealed = yield* another.seal({ handle: theirs, plaintext, context: payroll })
      const byThem = yield* another.unseal({ handle: theirs, blob: mineSealed, context: payroll })
      const byMe = yield* provider.unseal({ handle: a, blob: theirSealed, context: payroll })
      expect([toHex(byThem), toHex(byMe)]).toStrictEqual([toHex(plaintext), toHex(plaintext)])
    }
  })

const changesNothingGiven = ({ provider, a, seal, refusal }: Messages) =>
  Effect.gen(function* () {
    const plaintext = utf8("given")
    const blob = yield* seal(plaintext, payroll)
    const before = toHex(blob)
    yield* provider.unseal({ handle: a, blob, context: payroll })
    yield* refusal(a, blob)
    expect([toHex(plaintext), toHex(blob)]).toStrictEqual([toHex(utf8("given")), before])
  })

const refusesAsymmetricVerbs = ({ provider, a }: Messages) =>
  Effect.gen(function* () {
    const digest = new Uint8Array(32)
    const asked: Array<Effect.Effect<unknown, CryptoFailed>> = [
      provider.sign({ handle: a, algorithm: "SM2DSA", digest }),
      provider.verify({ handle: a, algorithm: "SM2DSA", digest, signature: digest }),
      provider.encrypt({ handle: a, algorithm: "SM2PKE", plaintext: digest }),
      provider.decrypt({ handle: a, algorithm: "SM2PKE", ciphertext: digest })
    ]
    for (const verb of asked) expect((yield* Effect.flip(verb)).reason).toBe("UnsupportedSpec")
  })

export const messageLaws = ({ describe, it }: LawWriter, mine: ProviderUnderTest, other: ProviderUnderTest): void => {
  const provider = providerOf(mine, chance("messages"))
  const another = providerOf(other, chance("messages of the other"))

  const ciphers = (["Aliyun_AES_256", "Aliyun_SM4"] as const).filter((spec) => provider.specs.has(spec))
  describe.each(ciphers)(`messages under %s`, (spec) => {
    const subject = messagesOf(provider, another, spec)

    it.effect("a blob opens with its context, and names its key", () => whatWasSealedOpens(subject))

    it.effect("a blob with a changed bit does not open", () => noChangedBitOpens(subject))

    it.effect("a shortened or extended blob does not open", () => noCutBlobOpens(subject))

    it.effect("a blob opens only with its own context", () => opensUnderItsOwnContext(subject))

    it.effect("keys and versions with the same material do not open each other's blobs", () => twinsCannotRead(subject))

    it.effect(`the provider and ${other.name} open each other's blobs`, () => readsTheOthersBlobs(subject))

    it.effect("sealing and opening do not change the given bytes", () => changesNothingGiven(subject))

    it.effect("a symmetric key refuses asymmetric operations", () => refusesAsymmetricVerbs(subject))
  })

  if (!provider.specs.has("Aliyun_SM4")) return
  it.effect("a blob of one cipher does not open with the other, for the same key and version", () =>
    Effect.gen(function* () {
      const aes = holding(provider, rowA, new Uint8Array(32))
      const sm4 = holding(provider, rowA, new Uint8Array(16), "Aliyun_SM4")
      for (const [sealing, opening] of [
        [aes, sm4],
        [sm4, aes]
      ] as const) {
        const blob = yield* provider.seal({ handle: sealing, plaintext: utf8("text"), context: noContext })
        for (const forged of [blob, blob.with(1, blob[1] === 1 ? 3 : 1)]) {
          const opened = provider.unseal({ handle: opening, blob: forged, context: noContext })
          expect((yield* Effect.flip(opened)).reason).toBe("Rejected")
        }
      }
    })
  )
}
