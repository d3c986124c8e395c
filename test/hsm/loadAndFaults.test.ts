/** Many clients at once on a token that is repeatedly disconnected, fails, hangs and loses its threads. */
import { createPublicKey, verify } from "node:crypto"
import { mkdtempSync, renameSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Worker } from "node:worker_threads"
import { setTimeout as sleep } from "node:timers/promises"
import { afterAll, describe, expect, it } from "vitest"
import { createKms, isKmsError } from "../../src/promise.ts"
import type { PromiseKms } from "../../src/promise.ts"
import { patience } from "../patience.ts"
import { isWhole } from "../sample.ts"
import { makeFaultyToken, returnValues } from "./faultyModule.ts"
import type { Fault, ReturnValue } from "./faultyModule.ts"
import { readableSecrets } from "./inToken.ts"
import { reconciled } from "./reconciled.ts"

/** Rounds of one disturbance each. */
const rounds = Number(process.env["KEYSTATE_TEST_SIEGE"] ?? (isWhole ? 80 : 8))
const clients = 24

const token = makeFaultyToken()
const scratch = mkdtempSync(join(tmpdir(), "keystate-hsm-load-"))
afterAll(() => {
  token.heal()
  token.remove()
  rmSync(scratch, { recursive: true, force: true })
})
const hsm = { module: token.module, label: token.label, pinFile: token.pinFile }

const threads = new Set<Worker>()
process.on("worker", (worker) => {
  threads.add(worker)
  worker.on("exit", () => threads.delete(worker))
})

const among = <A>(things: ReadonlyArray<A>): A => {
  const drawn = things[Math.floor(Math.random() * things.length)]
  if (drawn === undefined) throw new Error("there is something to draw from")
  return drawn
}
const upTo = (most: number): number => Math.floor(Math.random() * most)

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => "ok",
    (error: unknown) => {
      if (isKmsError(error)) return error.code
      throw error
    }
  )

/** A client's calls, checked; a call that the service cannot perform has only one allowed error. */
type Deed = () => Promise<void>

interface UnderLoad {
  readonly deeds: Readonly<Record<string, Deed>>
  /** Every answered blob, with its plaintext. */
  readonly blobs: ReadonlyMap<string, string>
}

const serviceUnderLoad = async (kms: PromiseKms): Promise<UnderLoad> => {
  const made = async (request: object) =>
    (await kms.createKey({ ProtectionLevel: "HSM", ...request })).KeyMetadata.KeyId
  const secrets = [await made({}), await made({})]
  const blobs = new Map<string, string>()
  let texts = 0
  const encrypt: Deed = async () => {
    const Plaintext = `text ${texts++}`
    blobs.set((await kms.encrypt({ KeyId: among(secrets), Plaintext })).CiphertextBlob, Plaintext)
  }
  await encrypt()
  const pairOf = async (spec: "RSA_2048" | "EC_P256") => {
    const KeyId = await made({ KeySpec: spec, KeyUsage: "SIGN/VERIFY" })
    const [version] = (await kms.listKeyVersions({ KeyId })).KeyVersions.KeyVersion
    const KeyVersionId = version?.KeyVersionId ?? ""
    const publicKey = createPublicKey((await kms.getPublicKey({ KeyId, KeyVersionId })).PublicKey)
    return { KeyId, KeyVersionId, publicKey }
  }
  const rsa = await pairOf("RSA_2048")
  const ec = await pairOf("EC_P256")
  const digest = (text: string) => crypto.subtle.digest("SHA-256", Buffer.from(text))
  const signed = async (
    { KeyId, KeyVersionId, publicKey }: typeof rsa,
    Algorithm: "RSA_PKCS1_SHA_256" | "ECDSA_SHA_256"
  ) => {
    const text = `signed ${texts++}`
    const Digest = Buffer.from(await digest(text)).toString("base64")
    const { Value } = await kms.asymmetricSign({ KeyId, KeyVersionId, Algorithm, Digest })
    expect(verify("sha256", Buffer.from(text), publicKey, Buffer.from(Value, "base64"))).toBe(true)
  }
  return {
    blobs,
    deeds: {
      encrypt,
      decrypt: async () => {
        const [CiphertextBlob, text] = among([...blobs].slice(-50))
        expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(text)
      },
      forged: async () => {
        const [blob] = among([...blobs].slice(-50))
        const bytes = Buffer.from(blob, "base64")
        const at = bytes.length - 1 - upTo(16)
        bytes[at] = (bytes[at] ?? 0) ^ 1
        const end = await codeOf(kms.decrypt({ CiphertextBlob: bytes.toString("base64") }))
        expect(["InvalidParameter", "ServiceUnavailableTemporary"]).toContain(end)
      },
      signRsa: () => signed(rsa, "RSA_PKCS1_SHA_256"),
      signEc: () => signed(ec, "ECDSA_SHA_256"),
      makeAndDelete: async () => {
        const KeyId = await made(among([{}, { KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" }]))
        await kms.scheduleKeyDeletion({ KeyId, PendingWindowInDays: 7 })
        await kms.clock.advance("8d")
      }
    }
  }
}

const functions = [
  "C_EncryptInit",
  "C_Encrypt",
  "C_DecryptInit",
  "C_Decrypt",
  "C_SignInit",
  "C_Sign",
  "C_VerifyInit",
  "C_Verify",
  "C_GenerateKey",
  "C_GenerateKeyPair",
  "C_DestroyObject",
  "C_GetAttributeValue",
  "C_FindObjectsInit",
  "C_FindObjects",
  "C_GetTokenInfo",
  "C_OpenSession",
  "C_Login"
] as const
const values = Object.keys(returnValues).filter((name): name is ReturnValue => name in returnValues)

/** Each disturbance ends with everything restored. */
const disturbances: Readonly<Record<string, () => Promise<string>>> = {
  threads: async () => {
    const all = [...threads]
    for (const thread of all) void thread.terminate()
    await sleep(upTo(300))
    return `${all.length} threads ended`
  },
  removal: async () => {
    const away = `${token.tokens}.away`
    const millis = upTo(1500)
    renameSync(token.tokens, away)
    await sleep(millis)
    renameSync(away, token.tokens)
    return `removed for ${millis} ms`
  },
  fault: async () => {
    const fault: Fault = { function: among(functions), how: among(values), after: upTo(2) === 1, times: 1 + upTo(20) }
    token.arm(fault)
    await sleep(upTo(600))
    token.heal()
    return JSON.stringify(fault)
  },
  pause: async () => {
    const fault: Fault = { function: among(functions), how: "pause", after: true, times: 1 + upTo(4) }
    token.arm(fault)
    await sleep(upTo(1500))
    token.heal()
    return JSON.stringify(fault)
  },
  hang: async () => {
    const fault: Fault = { function: among(functions), how: "hang", after: upTo(2) === 1, times: 1 }
    token.arm(fault)
    // Longer than the time limit of a call.
    await sleep(4500)
    token.heal()
    return JSON.stringify(fault)
  }
}

describe("a token under load and faults", () => {
  it(
    "a token under load and faults never answers wrongly, loses no key, and keeps no stray object",
    async () => {
      const directory = join(scratch, "data")
      const ends: Record<string, number> = {}
      let blobs: ReadonlyMap<string, string> = new Map()
      {
        await using kms = await createKms({ store: { directory }, clock: "virtual", hsm })
        const place = await serviceUnderLoad(kms)
        ;({ blobs } = place)
        const over = new AbortController()
        const client = async () => {
          while (!over.signal.aborted) {
            const end = await codeOf(among(Object.values(place.deeds))())
            ends[end] = (ends[end] ?? 0) + 1
            expect(["ok", "ServiceUnavailableTemporary"]).toContain(end)
            if (end !== "ok") await sleep(20)
          }
        }
        const working = Promise.all(Array.from({ length: clients }, client))
        try {
          for (let round = 0; round < rounds; round++) {
            const kind = round % 8 === 7 ? "hang" : among(["threads", "removal", "fault", "fault", "pause"])
            const told = (await disturbances[kind]?.()) ?? ""
            const until = performance.now() + patience
            for (const [name, deed] of Object.entries(place.deeds)) {
              let end = await codeOf(deed())
              while (end !== "ok" && performance.now() < until) {
                await sleep(20)
                end = await codeOf(deed())
              }
              expect(end, `${name} after round ${round}: ${told}`).toBe("ok")
            }
          }
        } finally {
          over.abort()
          await working
        }
      }
      expect(ends["ok"]).toBeGreaterThan(rounds)
      const found = await reconciled(directory, true, hsm)
      expect(found.orphans.filter(({ kind, repaired }) => kind !== "object" || !repaired)).toEqual([])
      const { objects, versions } = await reconciled(directory, false, hsm)
      // Two secret keys, and two key pairs of two objects each.
      expect([objects, versions]).toEqual([6, 4])
      await using kms = await createKms({ store: { directory }, clock: "virtual", hsm })
      for (const [CiphertextBlob, text] of blobs) expect((await kms.decrypt({ CiphertextBlob })).Plaintext).toBe(text)
      expect(readableSecrets(token.sound)).toEqual({ objects: 6, readable: [] })
    },
    2 * patience + rounds * 60_000
  )
})
