/** Every PKCS#11 call of the service fails in every way: no answer is wrong, and everything works again soon. */
import { constants, createPublicKey, publicEncrypt } from "node:crypto"
import { renameSync } from "node:fs"
import { afterAll, describe, expect, it } from "@effect/vitest"
import { Clock, Duration, Effect, Schedule } from "effect"
import { labelPrefix } from "../../src/crypto/hsm/provider/references.ts"
import type { CallFailed, CallTimeouts } from "../../src/crypto/hsm/pool/pool.ts"
import type { CryptoFailed } from "../../src/crypto/provider.ts"
import { patience } from "../patience.ts"
import { partOf } from "../sample.ts"
import { noContext, rowOf, spec, utf8 } from "../crypto/material.ts"
import { makeFaultyToken, returnValues } from "./faultyModule.ts"
import type { Fault, ReturnValue } from "./faultyModule.ts"
import { inToken, tag, unhurried, withModule } from "./inToken.ts"
import type { InToken } from "./inToken.ts"

const token = makeFaultyToken()
afterAll(() => token.remove())

const values: ReadonlyArray<ReturnValue> = [
  "CKR_GENERAL_ERROR",
  "CKR_DEVICE_ERROR",
  "CKR_DEVICE_REMOVED",
  "CKR_OBJECT_HANDLE_INVALID",
  "CKR_SESSION_HANDLE_INVALID",
  "CKR_USER_NOT_LOGGED_IN"
]
const freshRow = () => rowOf(crypto.randomUUID(), crypto.randomUUID())
const text = utf8("text")
const gone = Effect.succeed(undefined)
/** How long to wait for the end of an outage while a fault is active. */
const outageMillisMax = 3000

type Done = Effect.Effect<void, CryptoFailed | CallFailed>

/** Key pairs that are created in advance. A pool with a short time limit would not wait for them. */
const lastingOf = ({ provider }: InToken) =>
  Effect.gen(function* () {
    const rsa = freshRow()
    const stored = yield* provider.generate({ row: rsa, spec: "RSA_2048" })
    const id = crypto.randomUUID()
    return { rsa, stored, id, wrapping: yield* provider.makeWrappingPair({ id, spec: "RSA_2048" }) }
  })

type Lasting = Effect.Success<ReturnType<typeof lastingOf>>

/** The service's operations on a token, each complete and checked. */
const verbsOf = ({ pool, provider }: InToken, { id, rsa, stored, wrapping }: Lasting) =>
  Effect.gen(function* () {
    const pair = yield* provider.open({ row: rsa, spec: "RSA_2048", stored })
    const key = createPublicKey({ key: Buffer.from(wrapping.publicKey), format: "der", type: "spki" })
    const wrapped = publicEncrypt({ key, padding: constants.RSA_PKCS1_PADDING }, Buffer.alloc(32, 9))
    const algorithm = "RSAES_OAEP_SHA_256"
    const message: Done = Effect.gen(function* () {
      const row = freshRow()
      const made = yield* provider.generate({ row, spec })
      const handle = yield* provider.open({ row, spec, stored: made })
      const blob = yield* provider.seal({ handle, plaintext: text, context: noContext })
      expect(yield* provider.unseal({ handle, blob, context: noContext })).toStrictEqual(text)
      yield* provider.destroy({ row, keep: gone })
    })
    const signature: Done = Effect.gen(function* () {
      const row = freshRow()
      const made = yield* provider.generate({ row, spec: "EC_P256" })
      const handle = yield* provider.open({ row, spec: "EC_P256", stored: made })
      const digest = new Uint8Array(32).fill(3)
      const signing = { handle, algorithm: "ECDSA_SHA_256", digest } as const
      const signed = yield* provider.sign(signing)
      expect(yield* provider.verify({ ...signing, signature: signed })).toBe(true)
      yield* provider.destroy({ row, keep: gone })
    })
    const decryption: Done = Effect.gen(function* () {
      const ciphertext = yield* provider.encrypt({ handle: pair, algorithm, plaintext: text })
      expect(yield* provider.decrypt({ handle: pair, algorithm, ciphertext })).toStrictEqual(text)
    })
    const upload: Done = Effect.gen(function* () {
      const row = freshRow()
      const request = { row, spec, wrapping: { id, spec: "RSA_2048", sealed: wrapping.sealed } } as const
      const brought = yield* provider.importMaterial({ ...request, algorithm: "RSAES_PKCS1_V1_5", wrapped })
      brought.release()
      yield* provider.open({ row, spec, stored: brought.stored })
      yield* provider.destroy({ row, keep: gone })
    })
    /**
     * All sessions and the login end without the service's knowledge. The process has one module, and
     * SoftHSM's crashes if it is called during its end, so this waits for a service that is connecting.
     */
    const reconnection: Done = Effect.gen(function* () {
      const isWell = Effect.sync(() => pool.trouble() === undefined)
      yield* Effect.repeat(isWell, { until: (well) => well, schedule: Schedule.spaced(20), times: 100 })
      if (yield* isWell) withModule(token.sound, ({ module, slot }) => module.C_CloseAllSessions(slot))
      yield* decryption
    })
    /** The token is removed and returns: the return requires the end and a new start of the module's state. */
    const outage: Done = Effect.gen(function* () {
      const away = `${token.tokens}.away`
      renameSync(token.tokens, away)
      const end = yield* endOf(Effect.asVoid(provider.generate({ row: freshRow(), spec })))
      renameSync(away, token.tokens)
      expect(end).toBe("Unavailable")
      const again = { schedule: Schedule.spaced(50), times: outageMillisMax / 50 }
      yield* Effect.retry(decryption, again)
    })
    const ping: Done = Effect.asVoid(pool.call("ping", {}))
    const probe: Done = Effect.asVoid(pool.call("probe", {}))
    return { message, signature, decryption, upload, reconnection, outage, ping, probe }
  })

type Verb = keyof Effect.Success<ReturnType<typeof verbsOf>>

/** The functions by caller, and those that change the token or the module. */
const called: Readonly<Record<Verb, ReadonlyArray<string>>> = {
  message: [
    "C_GenerateKey",
    "C_EncryptInit",
    "C_Encrypt",
    "C_DecryptInit",
    "C_Decrypt",
    "C_GetAttributeValue",
    "C_FindObjectsInit",
    "C_FindObjects",
    "C_FindObjectsFinal",
    "C_DestroyObject"
  ],
  signature: ["C_GenerateKeyPair", "C_SignInit", "C_Sign", "C_VerifyInit", "C_Verify"],
  decryption: ["C_DecryptInit", "C_Decrypt"],
  upload: ["C_UnwrapKey", "C_WrapKey"],
  reconnection: ["C_GetSlotList", "C_GetTokenInfo", "C_OpenSession", "C_Login", "C_Initialize"],
  outage: ["C_Finalize", "C_Initialize"],
  ping: ["C_GetSessionInfo"],
  probe: ["C_GetMechanismList", "C_GetMechanismInfo", "C_CloseSession"]
}
const changing = new Set([
  "C_GenerateKey",
  "C_GenerateKeyPair",
  "C_UnwrapKey",
  "C_DestroyObject",
  "C_Finalize",
  "C_Initialize"
])

interface Case {
  readonly verb: Verb
  readonly name: string
  readonly after: boolean
}

const allCases: ReadonlyArray<Case> = (
  ["message", "signature", "decryption", "upload", "reconnection", "outage", "ping", "probe"] as const
).flatMap((verb) =>
  called[verb].flatMap((name) => (changing.has(name) ? [false, true] : [false]).map((after) => ({ verb, name, after })))
)

const endOf = (done: Done): Effect.Effect<string> =>
  Effect.match(done, {
    onSuccess: () => "ok",
    onFailure: (failure) => (failure._tag === "CryptoFailed" ? failure.reason : failure.failure)
  })

/** The result of the operation when it succeeds, or when patience ends. */
const recovery = (verb: Done): Effect.Effect<string> =>
  Effect.gen(function* () {
    const from = yield* Clock.currentTimeMillis
    for (;;) {
      const end = yield* endOf(verb)
      if (end === "ok" || (yield* Clock.currentTimeMillis) - from > patience) return end
      yield* Effect.sleep(50)
    }
  })

const labels = ({ pool }: InToken) =>
  Effect.map(
    pool.call("list", { labelPrefix: labelPrefix(tag) }),
    (objects) => new Set(objects.map(({ label }) => label))
  )

/** Objects that a failure left in the token are found by their label and destroyed. */
const leavesNothing = (given: InToken, before: ReadonlySet<string>) =>
  Effect.gen(function* () {
    for (const { id, label } of yield* given.pool.call("list", { labelPrefix: labelPrefix(tag) })) {
      if (!before.has(label)) yield* given.pool.call("destroy", { name: { id, label } })
    }
    expect(yield* labels(given)).toStrictEqual(before)
  })

/** A hanging thread is abandoned soon, a delayed thread is not: generating key pairs takes longest. */
const hurried = (pairsMillis: number): CallTimeouts => {
  const millis = Math.max(1500, pairsMillis / 2)
  return { ...unhurried, callMillis: millis, makingMillis: millis }
}

/** Activates the fault during the operation, and returns how often it occurred. */
const strike = (fault: Fault, verb: Done, which: string) =>
  Effect.gen(function* () {
    token.arm(fault)
    const end = yield* endOf(verb)
    const hits = token.hits()
    token.heal()
    expect(["ok", "Unavailable", "Unreachable"], which).toContain(end)
    expect(yield* recovery(verb), which).toBe("ok")
    return hits
  })

/** A hanging thread keeps the module from ending: then the fault is tried again. */
const chances = 3

const suffers = (how: Fault["how"], times: number | undefined, cases: ReadonlyArray<Case>) =>
  Effect.gen(function* () {
    const [spent, lasting] = yield* Effect.timed(Effect.scoped(Effect.flatMap(inToken(token), lastingOf)))
    const given = yield* inToken(token, how === "hang" ? hurried(Duration.toMillis(spent)) : unhurried)
    const verbs = yield* verbsOf(given, lasting)
    const before = yield* labels(given)
    for (const { verb, name, after } of cases) {
      const which = `${how} of ${name}${after ? " after the call" : ""} in ${verb}`
      const fault: Fault = { function: name, how, after, times }
      let hits = 0
      for (let chance = 0; chance < chances && hits === 0; chance++) hits = yield* strike(fault, verbs[verb], which)
      expect(hits, which).toBeGreaterThan(0)
    }
    yield* leavesNothing(given, before)
  }).pipe(Effect.scoped)

describe("the calls of a token that fail", () => {
  // In a sample, each value affects a third of the calls, and each call two values.
  for (const [place, value] of values.entries()) {
    it.live(`token calls that fail once with ${value} (${returnValues[value]}) never answer wrongly and recover`, () =>
      suffers(value, 1, partOf(allCases, 3, place))
    )
  }

  it.live("token calls that fail each time with CKR_DEVICE_ERROR never answer wrongly and recover", () =>
    suffers("CKR_DEVICE_ERROR", undefined, partOf(allCases, 3))
  )

  it.live("token calls that do not return are abandoned after a time limit, and their thread is replaced", () =>
    suffers("hang", 1, partOf(allCases, 3, 1))
  )
})
