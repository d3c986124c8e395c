/** A general error may mean bad data or a bad token: the data is rejected only if the token works otherwise. */
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Effect } from "effect"
import type { CryptoFailed, CryptoProvider } from "../../src/crypto/provider.ts"
import { chance, flipped, noContext, utf8 } from "../crypto/material.ts"
import { makeFaultyToken } from "./faultyModule.ts"
import { inToken } from "./inToken.ts"
import { makeSmToken } from "./smModule.ts"
import { fresh, freshRow, reasonOf } from "./tokenLaws.ts"

const token = makeFaultyToken(makeSmToken())
afterAll(() => {
  token.heal()
  token.remove()
})
const text = utf8("text")

type Opening = (given: Uint8Array) => Effect.Effect<unknown, CryptoFailed>
interface Subject {
  readonly name: string
  /** The PKCS#11 function that opens it. */
  readonly by: string
  readonly right: Uint8Array
  readonly open: Opening
}

const sealed = (provider: CryptoProvider, spec: "Aliyun_AES_256" | "Aliyun_SM4") =>
  Effect.gen(function* (): Effect.fn.Return<Subject, CryptoFailed> {
    const { handle } = yield* fresh(provider, spec)
    const right = yield* provider.seal({ handle, plaintext: text, context: noContext })
    return { name: spec, by: "C_Decrypt", right, open: (blob) => provider.unseal({ handle, blob, context: noContext }) }
  })

const encrypted = (
  provider: CryptoProvider,
  spec: "RSA_2048" | "EC_SM2",
  algorithm: "RSAES_OAEP_SHA_1" | "RSAES_OAEP_SHA_256" | "SM2PKE"
) =>
  Effect.gen(function* (): Effect.fn.Return<Subject, CryptoFailed> {
    const { handle } = yield* fresh(provider, spec)
    const right = yield* provider.encrypt({ handle, algorithm, plaintext: text })
    const open: Opening = (ciphertext) => provider.decrypt({ handle, algorithm, ciphertext })
    return { name: algorithm, by: "C_Decrypt", right, open }
  })

const wrapped = (provider: CryptoProvider, spec: "Aliyun_AES_256" | "Aliyun_SM4", bytes: number) =>
  Effect.gen(function* (): Effect.fn.Return<Subject, CryptoFailed> {
    const id = crypto.randomUUID()
    const algorithm = "RSAES_OAEP_SHA_1"
    const { publicKey, sealed } = yield* provider.makeWrappingPair({ id, spec: "RSA_2048" })
    const plaintext = chance("material").bytes(bytes)
    const right = yield* provider.wrap({ publicKey, keySpec: "RSA_2048", algorithm, plaintext })
    const wrapping = { id, spec: "RSA_2048", sealed } as const
    const open: Opening = (wrapped) => provider.importMaterial({ row: freshRow(), spec, wrapping, algorithm, wrapped })
    return { name: `material of ${spec}`, by: "C_UnwrapKey", right, open }
  })

const subjectsOf = (provider: CryptoProvider) =>
  Effect.all([
    sealed(provider, "Aliyun_AES_256"),
    sealed(provider, "Aliyun_SM4"),
    encrypted(provider, "RSA_2048", "RSAES_OAEP_SHA_1"),
    encrypted(provider, "RSA_2048", "RSAES_OAEP_SHA_256"),
    encrypted(provider, "EC_SM2", "SM2PKE"),
    wrapped(provider, "Aliyun_AES_256", 32),
    wrapped(provider, "Aliyun_SM4", 16)
  ])

const wrongOf = ({ right }: Subject): Uint8Array => flipped(right, (right.length - 1) * 8)

/** A token that does not return reaches the time limit of the test. */
const again = ({ open, right }: Subject) =>
  Effect.gen(function* () {
    while ((yield* reasonOf(open(right))) !== "ok") yield* Effect.sleep(20)
  })

describe("a token that answers every call with a general error", () => {
  it.live("a general error of the token means Unavailable for any input, and never Rejected", () =>
    Effect.gen(function* () {
      const { provider } = yield* inToken(token)
      for (const subject of yield* subjectsOf(provider)) {
        const { by, name, open, right } = subject
        expect(yield* reasonOf(open(wrongOf(subject))), name).toBe("Rejected")
        for (const given of [right, wrongOf(subject)]) {
          token.arm({ function: by, how: "CKR_GENERAL_ERROR", after: false, times: undefined })
          expect(yield* reasonOf(open(given)), name).toBe("Unavailable")
          expect(token.hits(), name).toBeGreaterThan(2)
          token.heal()
          yield* again(subject)
        }
        token.arm({ function: by, how: "CKR_GENERAL_ERROR", after: false, times: 1 })
        expect(yield* reasonOf(open(right)), name).toBe("ok")
        expect(token.hits(), name).toBe(1)
        token.heal()
        expect(yield* reasonOf(open(wrongOf(subject))), name).toBe("Rejected")
      }
    }).pipe(Effect.scoped)
  )
})
