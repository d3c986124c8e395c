/** Keys in a token through the whole engine, against direct PKCS#11 calls on the same SoftHSM in the same run. */
import { createRequire } from "node:module"
import { monitorEventLoopDelay } from "node:perf_hooks"
import { Effect, ManagedRuntime } from "effect"
import type * as Pkcs11js from "pkcs11js"
import { encodeBase64 } from "../../src/encoding/base64.ts"
import { KmsSqlite } from "../../src/index.ts"
import { Kms } from "../../src/kms.ts"
import { prepareSoftHsm } from "../../src/development/softHsm.ts"
import { alternate, perSecond, rate, row, rowAtMost } from "./measure.ts"
import type { Row } from "./measure.ts"
import { scratchDirectory } from "./scratch.ts"

const pkcs11js: typeof Pkcs11js = createRequire(import.meta.url)("pkcs11js")

const clients = 64
/** Long enough that the threads, which were idle during the floor's round, are warm for most of the time. */
const messages = 25_600
const signatures = 1_280
const rounds = 5
const text = "keystate, 32 bytes of plain text"

/** The same calls in a loop, on token keys like those of the service, in one session. */
const bareCalls = (module: string, label: string) => {
  const names = pkcs11js
  const pkcs11 = new pkcs11js.PKCS11()
  pkcs11.load(module)
  const slot = pkcs11.C_GetSlotList(true).find((slot) => pkcs11.C_GetTokenInfo(slot).label.trimEnd() === label)
  if (slot === undefined) throw new Error("the token is not there")
  const session = pkcs11.C_OpenSession(slot, names.CKF_SERIAL_SESSION | names.CKF_RW_SESSION)
  const guarded = [
    { type: names.CKA_TOKEN, value: true },
    { type: names.CKA_PRIVATE, value: true },
    { type: names.CKA_SENSITIVE, value: true },
    { type: names.CKA_EXTRACTABLE, value: false }
  ]
  const secret = pkcs11.C_GenerateKey(session, { mechanism: names.CKM_AES_KEY_GEN }, [
    ...guarded,
    { type: names.CKA_VALUE_LEN, value: 32 },
    { type: names.CKA_ENCRYPT, value: true },
    { type: names.CKA_DECRYPT, value: true }
  ])
  const { privateKey } = pkcs11.C_GenerateKeyPair(
    session,
    { mechanism: names.CKM_RSA_PKCS_KEY_PAIR_GEN },
    [
      { type: names.CKA_MODULUS_BITS, value: 2048 },
      { type: names.CKA_PUBLIC_EXPONENT, value: Buffer.from([1, 0, 1]) }
    ],
    [...guarded, { type: names.CKA_SIGN, value: true }]
  )
  const plaintext = Buffer.from(text)
  const digest = Buffer.alloc(32, 7)
  const aad = Buffer.alloc(46, 1)
  const gcm = (): Pkcs11js.Mechanism => {
    const parameter: Pkcs11js.AesGCM = {
      type: names.CK_PARAMS_AES_GCM,
      iv: Buffer.from(crypto.getRandomValues(new Uint8Array(12))),
      ivBits: 96,
      aad,
      tagBits: 128
    }
    return { mechanism: names.CKM_AES_GCM, parameter }
  }
  const salted: Pkcs11js.RsaPSS = {
    type: names.CK_PARAMS_RSA_PSS,
    hashAlg: names.CKM_SHA256,
    mgf: names.CKG_MGF1_SHA256,
    saltLen: 32
  }
  const pss: Pkcs11js.Mechanism = { mechanism: names.CKM_RSA_PKCS_PSS, parameter: salted }
  const seal = (mechanism: Pkcs11js.Mechanism): Buffer => {
    pkcs11.C_EncryptInit(session, mechanism, secret)
    return pkcs11.C_Encrypt(session, plaintext, Buffer.alloc(plaintext.length + 16))
  }
  const unseal = (mechanism: Pkcs11js.Mechanism, sealed: Buffer): Buffer => {
    pkcs11.C_DecryptInit(session, mechanism, secret)
    return pkcs11.C_Decrypt(session, sealed, Buffer.alloc(sealed.length))
  }
  const known = gcm()
  const sealedOnce = Buffer.from(seal(known))
  return {
    /** The token opens each sealed message once, as in the service. */
    sealAndOpen: () => {
      const mechanism = gcm()
      if (!unseal(mechanism, seal(mechanism)).equals(plaintext)) throw new Error("it does not open")
    },
    open: () => {
      unseal(known, sealedOnce)
    },
    sign: () => {
      pkcs11.C_SignInit(session, pss, privateKey)
      pkcs11.C_Sign(session, digest, Buffer.alloc(256))
    }
  }
}

const looped = (count: number, call: () => void) => async (): Promise<number> => {
  const startedAt = process.hrtime.bigint()
  for (let i = 0; i < count; i++) call()
  return perSecond(count, startedAt)
}

export const keysInToken = async (): Promise<ReadonlyArray<Row>> => {
  const token = prepareSoftHsm(scratchDirectory())
  process.env["SOFTHSM2_CONF"] = token.settings
  const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }
  const runtime = ManagedRuntime.make(KmsSqlite({ directory: scratchDirectory(), hsm }))
  const kms = await runtime.runPromise(Kms)
  const run = <A, E>(effect: Effect.Effect<A, E>): Promise<A> => runtime.runPromise(effect)
  const create = (request: object) => run(kms.createKey({ ProtectionLevel: "HSM", ...request }))
  const aes = (await create({})).KeyMetadata.KeyId
  const rsa = (await create({ KeySpec: "RSA_2048", KeyUsage: "SIGN/VERIFY" })).KeyMetadata.KeyId
  const versions = await run(kms.listKeyVersions({ KeyId: rsa }))
  const KeyVersionId = versions.KeyVersions.KeyVersion[0]?.KeyVersionId ?? ""
  const { CiphertextBlob } = await run(kms.encrypt({ KeyId: aes, Plaintext: text }))
  const Digest = encodeBase64(new Uint8Array(32).fill(7))
  const signing = kms.asymmetricSign({ KeyId: rsa, KeyVersionId, Algorithm: "RSA_PSS_SHA_256", Digest })
  const bare = bareCalls(token.module, token.label)

  /** Each client sends the next request as soon as the answer arrives. */
  const served =
    <E>(count: number, request: Effect.Effect<unknown, E>) =>
    async (): Promise<number> => {
      const client = Effect.gen(function* () {
        for (let i = 0; i < count / clients; i++) yield* request
      })
      const startedAt = process.hrtime.bigint()
      await run(
        Effect.all(
          Array.from({ length: clients }, () => client),
          { concurrency: "unbounded", discard: true }
        )
      )
      return perSecond(count, startedAt)
    }

  const measured = async (
    name: string,
    bareCall: () => void,
    request: Effect.Effect<unknown, unknown>,
    count: number
  ) => {
    const { ratio, ours, floor } = await alternate(rounds, looped(count, bareCall), served(count, request))
    return row(
      `${name}, 64 clients, in a token / the same PKCS#11 calls bare`,
      ratio,
      0.7,
      `${rate(ours)} of ${rate(floor)}`
    )
  }
  const encrypting = kms.encrypt({ KeyId: aes, Plaintext: text })
  const rows = [
    await measured("Encrypt of 32 bytes", bare.sealAndOpen, encrypting, messages),
    await measured("Decrypt of 32 bytes", bare.open, kms.decrypt({ CiphertextBlob }), messages),
    await measured("RSA-2048 signature", bare.sign, signing, signatures)
  ]
  const delay = monitorEventLoopDelay({ resolution: 1 })
  delay.enable()
  for (let round = 0; round < rounds; round++) await served(signatures, signing)()
  delay.disable()
  const p99 = delay.percentile(99) / 1e6
  await runtime.dispose()
  return [
    ...rows,
    rowAtMost(
      "event loop's delay while 64 clients sign in a token, p99 in ms",
      p99,
      20,
      `most ${Math.round(delay.max / 1e6)} ms`
    )
  ]
}
