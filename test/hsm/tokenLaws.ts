/** The laws of keys in a token of any kind: those of the provider interface, for one token and some specs. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import { describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import { blobTarget } from "../../src/crypto/blob.ts"
import type { Aead } from "../../src/crypto/primitives.ts"
import type { CryptoFailed, CryptoProvider, KeyHandle } from "../../src/crypto/provider.ts"
import { labelPrefix } from "../../src/crypto/hsm/provider/references.ts"
import { rootKeyFromBytes } from "../../src/crypto/native/rootKey.ts"
import { canonicalContext } from "../../src/domain/encryptionContext.ts"
import { capabilityOf } from "../../src/domain/keySpec.ts"
import type { TokenPairSpec, TokenSecretSpec } from "../../src/crypto/hsm/protocol.ts"
import { brokenChance, chance, flipped, noContext, rowOf, toHex, utf8 } from "../crypto/material.ts"
import { countingReserve, inToken, readableSecrets, tag, withModule } from "./inToken.ts"
import type { InToken } from "./inToken.ts"
import type { TestToken } from "./token.ts"

export type Inside = (name: string, law: (given: InToken) => Effect.Effect<void, CryptoFailed>) => void

export const freshRow = () => rowOf(crypto.randomUUID(), crypto.randomUUID())
export const payroll = canonicalContext(new Map([["purpose", "payroll"]]))

/** One test with its own provider on the token. */
export const insideOf =
  (token: TestToken): Inside =>
  (name, law) => {
    it.live(name, () => Effect.scoped(Effect.flatMap(inToken(token), law)))
  }

export const reasonOf = <A>(effect: Effect.Effect<A, CryptoFailed>) =>
  Effect.match(effect, { onSuccess: () => "ok", onFailure: ({ reason }) => reason })

export const fresh = (provider: CryptoProvider, spec: TokenPairSpec | TokenSecretSpec) =>
  Effect.gen(function* () {
    const row = freshRow()
    const stored = yield* provider.generate({ row, spec })
    return { row, stored, handle: yield* provider.open({ row, spec, stored }) }
  })

const isPair = (spec: TokenPairSpec | TokenSecretSpec): spec is TokenPairSpec =>
  capabilityOf(spec).kind === "asymmetric"

/** `algorithm` is the algorithm byte of its blobs. */
export const messageLaws = (
  token: TestToken,
  { spec, algorithm }: { readonly spec: TokenSecretSpec; readonly algorithm: number }
): void => {
  const inside = insideOf(token)

  describe(`messages under a key of spec ${spec} in a token`, () => {
    inside(
      "a blob uses the algorithm of its spec, names its key, opens in its context, and repeats no IV",
      ({ provider }) =>
        Effect.gen(function* () {
          const { handle, row } = yield* fresh(provider, spec)
          const ivs = new Set<string>()
          for (let i = 0; i < 300; i++) {
            const plaintext = new Uint8Array(i % 50).fill(i)
            const blob = yield* provider.seal({ handle, plaintext, context: payroll })
            expect([blob[0], blob[1], blob.length]).toStrictEqual([1, algorithm, plaintext.length + 62])
            expect(blobTarget(blob)).toStrictEqual(row)
            ivs.add(toHex(blob.subarray(34, 46)))
            if (i % 50 !== 0) continue
            expect(toHex(yield* provider.unseal({ handle, blob, context: payroll }))).toBe(toHex(plaintext))
            expect(yield* reasonOf(provider.unseal({ handle, blob, context: noContext }))).toBe("Rejected")
          }
          expect(ivs.size).toBe(300)
        })
    )

    inside("a token opens no blob with a changed bit or another length, and none under another key", ({ provider }) =>
      Effect.gen(function* () {
        const { handle } = yield* fresh(provider, spec)
        const blob = yield* provider.seal({ handle, plaintext: utf8("text"), context: noContext })
        const refusal = (blob: Uint8Array, by: KeyHandle = handle) =>
          reasonOf(provider.unseal({ handle: by, blob, context: noContext }))
        for (let bit = 0; bit < blob.length * 8; bit++)
          expect(yield* refusal(flipped(blob, bit)), `bit ${bit}`).toBe("Rejected")
        for (let length = 0; length < blob.length; length++)
          expect(yield* refusal(blob.slice(0, length))).toBe("Rejected")
        expect(yield* refusal(new Uint8Array([...blob, 0]))).toBe("Rejected")
        const other = yield* fresh(provider, spec)
        expect(yield* refusal(blob, other.handle)).toBe("Rejected")
        const theirs = yield* provider.seal({ handle: other.handle, plaintext: utf8("text"), context: noContext })
        const forged = blob.slice()
        forged.set(theirs.subarray(0, 34))
        expect(yield* refusal(forged, other.handle)).toBe("Rejected")
        expect(yield* refusal(blob)).toBe("ok")
      })
    )

    inside("a token with a broken generator seals nothing twice in the same way", ({ make, provider }) =>
      Effect.gen(function* () {
        const { row, stored } = yield* fresh(provider, spec)
        for (const randomness of Object.values(brokenChance)) {
          const lamed = make({ randomness })
          const handle = yield* lamed.open({ row, spec, stored })
          const seal = Effect.exit(lamed.seal({ handle, plaintext: noContext, context: noContext }))
          const both = [yield* seal, yield* seal]
          expect(both.filter((exit) => exit._tag === "Success").length).toBeLessThan(2)
        }
      })
    )

    inside("a version in a token seals messages up to its limit over all restarts, and still opens", ({ make }) =>
      Effect.gen(function* () {
        const { granted, reserve } = countingReserve()
        const limited = () => make({ reserve, invocationsMax: 1500 })
        const { row, stored } = yield* fresh(limited(), spec)
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
}

export const storedLaws = (
  token: TestToken,
  specs: readonly [secret: TokenSecretSpec, pair: TokenPairSpec, ...others: ReadonlyArray<TokenPairSpec>]
): void => {
  const inside = insideOf(token)
  const [secret, pair] = specs

  describe(`the stored form of keys of specs ${secret} and ${pair} in a token`, () => {
    inside("a stored token key opens only with its own row, root key and public key", ({ make, provider }) =>
      Effect.gen(function* () {
        for (const of of [secret, pair]) {
          const { row, stored } = yield* fresh(provider, of)
          const refusal = (changed: Partial<Parameters<CryptoProvider["open"]>[0]>, by = provider) =>
            reasonOf(by.open({ row, spec: of, stored, ...changed }))
          const another = yield* fresh(provider, of)
          expect(yield* refusal({ row: another.row })).toBe("Rejected")
          expect(yield* refusal({ stored: { ...stored, publicKey: another.stored.publicKey ?? utf8("a key") } })).toBe(
            "Rejected"
          )
          expect(yield* refusal({ spec: of === secret ? pair : secret })).toBe("Rejected")
          for (let bit = 0; bit < stored.sealed.length * 8; bit += 7) {
            expect(yield* refusal({ stored: { ...stored, sealed: flipped(stored.sealed, bit) } })).toBe("Rejected")
          }
          const rootKey = rootKeyFromBytes({ bytes: new Uint8Array(32).fill(8), randomness: chance("elsewhere") })
          expect(yield* refusal({}, make({ rootKey }))).toBe("Rejected")
          expect(yield* refusal({})).toBe("ok")
        }
      })
    )

    inside("a lost token key is unavailable, and another key in its place is never used", ({ pool, provider }) =>
      Effect.gen(function* () {
        for (const of of [secret, pair]) {
          const { row, stored } = yield* fresh(provider, of)
          const [object] = yield* Effect.orDie(pool.call("list", { labelPrefix: `${labelPrefix(tag)}${row.keyId}` }))
          if (object === undefined) throw new Error("the key has an object")
          const name = { id: object.id, label: object.label }
          yield* Effect.orDie(pool.call("destroy", { name }))
          expect(yield* reasonOf(provider.open({ row, spec: of, stored }))).toBe("Unavailable")
          const again = isPair(of)
            ? pool.call("makePair", { name, spec: of, unwraps: false })
            : pool.call("makeSecret", { name, spec: of })
          yield* Effect.asVoid(Effect.orDie<unknown, unknown, never>(again))
          expect(yield* reasonOf(provider.open({ row, spec: of, stored }))).toBe("Unavailable")
        }
      })
    )

    inside("no secret of any object can be read from the token", ({ provider }) =>
      Effect.gen(function* () {
        for (const of of specs) yield* fresh(provider, of)
        yield* provider.makeWrappingPair({ id: crypto.randomUUID(), spec: "RSA_2048" })
        const found = readableSecrets(token)
        expect(found.readable).toStrictEqual([])
        expect(found.objects).toBeGreaterThan(specs.length)
      })
    )

    inside("the token provider opens sessions again that another program closed", ({ provider }) =>
      Effect.gen(function* () {
        const { handle } = yield* fresh(provider, secret)
        const blob = yield* provider.seal({ handle, plaintext: utf8("text"), context: noContext })
        for (let i = 0; i < 3; i++) {
          withModule(token, ({ module, slot }) => module.C_CloseAllSessions(slot))
          expect(toHex(yield* provider.unseal({ handle, blob, context: noContext }))).toBe(toHex(utf8("text")))
        }
      })
    )
  })
}

/** `aead` opens a message with the material, without the token. */
export const importLaws = (
  token: TestToken,
  { spec, aead }: { readonly spec: TokenSecretSpec; readonly aead: Aead }
): void => {
  const inside = insideOf(token)
  const bytes = capabilityOf(spec).materialBytes

  describe(`import of ${spec} into a token`, () => {
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

    inside(
      "a token imports material by each of its algorithms, with equal results, and never exports the material",
      ({ provider }) =>
        Effect.gen(function* () {
          const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
          const material = chance("imported").bytes(bytes)
          const request = requestOf(sealed)
          const fingerprints = new Set<string>()
          for (const algorithm of ["RSAES_PKCS1_V1_5", "RSAES_OAEP_SHA_1"] as const) {
            const wrapped = wrappedBy(publicKey, material, algorithm === "RSAES_OAEP_SHA_1")
            const { stored, fingerprint } = yield* provider.importMaterial({ ...request, algorithm, wrapped })
            fingerprints.add(fingerprint)
            const handle = yield* provider.open({ ...request, stored })
            const blob = yield* provider.seal({ handle, plaintext: utf8("text"), context: payroll })
            const aad = new Uint8Array([...blob.subarray(0, 46), ...payroll])
            const opened = aead.open({ key: material, iv: blob.subarray(34, 46), aad, sealed: blob.subarray(46) })
            expect(opened && toHex(opened)).toBe(toHex(utf8("text")))
          }
          expect(fingerprints.size).toBe(1)
          const wrapped = wrappedBy(publicKey, material)
          const another = yield* provider.importMaterial({
            ...requestOf(sealed),
            algorithm: "RSAES_PKCS1_V1_5",
            wrapped
          })
          expect(fingerprints.has(another.fingerprint)).toBe(false)
          expect(readableSecrets(token).readable).toStrictEqual([])
          yield* provider.forgetWrappingPair(id)
          const late = provider.importMaterial({ ...request, algorithm: "RSAES_PKCS1_V1_5", wrapped })
          expect(yield* reasonOf(late)).toBe("Unavailable")
        })
    )

    inside("a token rejects material of a wrong length or form, and leaves no object", ({ pool, provider }) =>
      Effect.gen(function* () {
        const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
        const request = { ...requestOf(sealed), algorithm: "RSAES_PKCS1_V1_5" } as const
        const before = (yield* Effect.orDie(pool.call("list", { labelPrefix: "" }))).length
        const whole = wrappedBy(publicKey, new Uint8Array(bytes))
        const wrong = [1, 15, 16, 17, 24, 31, 32, 33, 64]
          .filter((length) => length !== bytes)
          .map((length) => wrappedBy(publicKey, new Uint8Array(length)))
        wrong.push(noContext, whole.slice(1), flipped(whole, 9), new Uint8Array(256), new Uint8Array(256).fill(0xff))
        for (const [i, wrapped] of wrong.entries()) {
          expect(yield* reasonOf(provider.importMaterial({ ...request, wrapped })), `case ${i}`).toBe("Rejected")
        }
        expect((yield* Effect.orDie(pool.call("list", { labelPrefix: "" }))).length).toBe(before)
        const session = { ...request, wrapping: { ...request.wrapping, id: crypto.randomUUID() }, wrapped: whole }
        expect(yield* reasonOf(provider.importMaterial(session))).toBe("Rejected")
      })
    )

    inside("an algorithm that the token lacks is refused by name, without a substitute in software", ({ provider }) =>
      Effect.gen(function* () {
        const lack = (algorithm: "RSAES_PKCS1_V1_5" | "RSAES_OAEP_SHA_256") =>
          provider.lacks({ keySpec: spec, spec: "RSA_2048", algorithm })
        expect([lack("RSAES_PKCS1_V1_5"), lack("RSAES_OAEP_SHA_256")]).toStrictEqual([
          undefined,
          "CKM_RSA_PKCS_OAEP with SHA-256"
        ])
        const { sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
        const wrapped = new Uint8Array(256)
        const asked = provider.importMaterial({ ...requestOf(sealed), algorithm: "RSAES_OAEP_SHA_256", wrapped })
        expect(yield* reasonOf(asked)).toBe("UnsupportedSpec")
        expect(yield* reasonOf(provider.adopt({ row: freshRow(), spec, material: new Uint8Array(bytes) }))).toBe(
          "UnsupportedSpec"
        )
      })
    )

    inside("destruction keeps objects of the row and of running imports, and removes all others", ({ provider }) =>
      Effect.gen(function* () {
        const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
        const request = { ...requestOf(sealed), algorithm: "RSAES_PKCS1_V1_5" } as const
        const bring = provider.importMaterial({ ...request, wrapped: wrappedBy(publicKey, new Uint8Array(bytes)) })
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
}
