/** AsymmetricSign of each key spec on the default provider, against OpenSSL's rate; SM2 against JavaScript. */
import { execFile } from "node:child_process"
import { createHash, createPrivateKey, randomFillSync, sign } from "node:crypto"
import type { KeyObject } from "node:crypto"
import { promisify } from "node:util"
import { Effect } from "effect"
import { adoptable } from "../../src/conformance/provider/adoptable.ts"
import { makeNativeProvider } from "../../src/crypto/native/nativeProvider.ts"
import { rootKeyFromBytes } from "../../src/crypto/native/rootKey.ts"
import { makePortableProvider } from "../../src/crypto/portable/portableProvider.ts"
import type { CryptoProvider, KeyHandle } from "../../src/crypto/provider.ts"
import type { SignatureAlgorithm } from "../../src/domain/algorithms.ts"
import type { AsymmetricSpec } from "../../src/domain/keySpec.ts"
import { rowA } from "../crypto/material.ts"
import { alternate, perCpuSecond, perSecond, rate, row } from "./measure.ts"
import type { Row } from "./measure.ts"

const rounds = 5
const message = new Uint8Array(32).fill(7)
const digest = createHash("sha256").update(message).digest()

const randomness = {
  bytes: (length: number) => randomFillSync(new Uint8Array(length)),
  uuid: () => crypto.randomUUID(),
  isSystem: true
}
const rootKey = rootKeyFromBytes({ bytes: randomness.bytes(32), randomness })
const native = makeNativeProvider({ randomness, rootKey })
const portable = makePortableProvider({ randomness, rootKey })

const opened = async (provider: CryptoProvider, spec: AsymmetricSpec): Promise<KeyHandle> => {
  const { pkcs8 } = adoptable(spec)
  const stored = await Effect.runPromise(provider.adopt({ row: rowA, spec, material: pkcs8 }))
  return Effect.runPromise(provider.open({ row: rowA, spec, stored }))
}

const opensslKey = (spec: AsymmetricSpec): KeyObject =>
  createPrivateKey({ key: Buffer.from(adoptable(spec).pkcs8), format: "der", type: "pkcs8" })

const run = promisify(execFile)

/** `openssl speed` prints seconds for a signature and a verification, then how many of each fit in a second. */
const rateOfCommand = async (): Promise<number> => {
  const { stdout } = await run("openssl", ["speed", "-elapsed", "-seconds", "1", "ecdsap256"])
  const signatures = /nistp256\)\s+\S+\s+\S+\s+([0-9.]+)/.exec(stdout)?.[1]
  if (signatures === undefined) throw new Error("openssl speed prints the rate of P-256 signatures")
  return Number(signatures)
}

const times = (count: number, work: () => unknown): number => {
  const startedAt = process.hrtime.bigint()
  for (let i = 0; i < count; i++) work()
  return perSecond(count, startedAt)
}

const onLoop = async (
  spec: "EC_P256" | "EC_P256K",
  count: number,
  floor: () => Promise<number>,
  floorName: string
): Promise<Row> => {
  const handle = await opened(native, spec)
  const request = { handle, algorithm: "ECDSA_SHA_256", digest } as const
  const found = await alternate(rounds, floor, async () => times(count, () => Effect.runSync(native.sign(request))))
  return row(`sign with ${spec}`, found.ratio, 0.7, `${rate(found.ours)} against ${rate(found.floor)} of ${floorName}`)
}

/**
 * Processor time, because the rate in threads depends on free processors: with two of them it is nearly twice as high.
 * Each signature is also verified before it is returned, which costs a tenth of it.
 */
const onThreads = async (spec: "RSA_2048" | "RSA_3072", algorithm: SignatureAlgorithm, count: number): Promise<Row> => {
  const handle = await opened(native, spec)
  const key = opensslKey(spec)
  const floor = async () => {
    const before = process.cpuUsage()
    for (let i = 0; i < count; i++) sign("sha256", message, key)
    return perCpuSecond(count, before)
  }
  const ours = async () => {
    const before = process.cpuUsage()
    const signing = Effect.replicateEffect(native.sign({ handle, algorithm, digest }), count, { concurrency: 64 })
    await Effect.runPromise(signing)
    return perCpuSecond(count, before)
  }
  const found = await alternate(rounds, floor, ours)
  const detail = `64 at a time, ${rate(found.ours)} of processor time against ${rate(found.floor)} of node:crypto`
  return row(`sign with ${spec} in threads`, found.ratio, 0.8, detail)
}

/** A signature, its verification, an encryption and its decryption. */
const sm2Round = async (provider: CryptoProvider): Promise<() => void> => {
  const handle = await opened(provider, "EC_SM2")
  const key = { handle, algorithm: "SM2DSA" } as const
  const cipher = { handle, algorithm: "SM2PKE" } as const
  return () => {
    const signature = Effect.runSync(provider.sign({ ...key, digest }))
    Effect.runSync(provider.verify({ ...key, digest, signature }))
    const ciphertext = Effect.runSync(provider.encrypt({ ...cipher, plaintext: digest }))
    Effect.runSync(provider.decrypt({ ...cipher, ciphertext }))
  }
}

const sm2 = async (): Promise<Row> => {
  const [slow, fast] = [await sm2Round(portable), await sm2Round(native)]
  const found = await alternate(
    rounds,
    async () => times(30, slow),
    async () => times(150, fast)
  )
  const detail = `${rate(found.ours)} against ${rate(found.floor)} in JavaScript`
  return row("SM2 sign, verify, encrypt and decrypt", found.ratio, 3, detail)
}

export const asymmetricSign = async (): Promise<ReadonlyArray<Row>> => {
  const kKey = opensslKey("EC_P256K")
  const kFloor = async () => times(500, () => sign("sha256", message, kKey))
  return [
    await onLoop("EC_P256", 10_000, rateOfCommand, "openssl speed"),
    await onLoop("EC_P256K", 500, kFloor, "node:crypto"),
    await sm2(),
    await onThreads("RSA_2048", "RSA_PSS_SHA_256", 640),
    await onThreads("RSA_3072", "RSA_PSS_SHA_256", 320)
  ]
}
