/** Envelopes: what opens and what does not, the limits of kept data keys, revocation, and wiping. */
import { createDecipheriv, createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { Readable } from "node:stream"
import { inspect } from "node:util"
import Kms from "@alicloud/kms20160120"
import { Config } from "@alicloud/rpc-client"
import fc from "fast-check"
import { describe, expect, it } from "vitest"
import { elapsedBy } from "../../src/envelope/clock.ts"
import { createEnvelope } from "../../src/envelope/index.ts"
import type { CacheLimits, DataKeySource, EnvelopeClock, Pieces } from "../../src/envelope/index.ts"
import { startServer } from "../../src/server/index.ts"
import { testKms } from "../../src/testing.ts"
import { codeOf } from "../guide/answers.ts"
import { sdkTimeouts } from "../patience.ts"

const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex")
const ofHex = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex, "hex"))

/** A KMS that counts its calls, gives bytes, and keeps each buffer that it gave, to look at later. */
const fakeKms = () => {
  const given: Array<Uint8Array> = []
  const calls: Array<string> = []
  const keys = new Map<string, Uint8Array>()
  let isDisabled = false
  const give = (key: Uint8Array): Uint8Array => {
    const copy = Uint8Array.from(key)
    given.push(copy)
    return copy
  }
  const assertEnabled = (): void => {
    if (isDisabled) throw Object.assign(new Error("disabled"), { code: "Rejected.Disabled" })
  }
  const source: DataKeySource = {
    generateDataKey: async () => {
      calls.push("generateDataKey")
      assertEnabled()
      const key = new Uint8Array(32).fill(keys.size + 1)
      const CiphertextBlob = Buffer.from(`blob ${keys.size}`).toString("base64")
      keys.set(CiphertextBlob, key)
      return { CiphertextBlob, Plaintext: give(key) }
    },
    decrypt: async ({ CiphertextBlob }) => {
      calls.push("decrypt")
      assertEnabled()
      const key = keys.get(CiphertextBlob)
      if (key === undefined) throw Object.assign(new Error("unknown blob"), { code: "InvalidCiphertext" })
      return { Plaintext: give(key) }
    }
  }
  const disable = (): void => {
    isDisabled = true
  }
  return { source, calls, given, disable, isWiped: () => given.every((key) => key.every((byte) => byte === 0)) }
}

/** A clock that stands still until it is moved. */
const virtualClock = () => {
  let now = 0
  const timers = new Set<{ readonly at: number; readonly run: () => void }>()
  const clock: EnvelopeClock = {
    now: () => now,
    after: (millis, run) => {
      const timer = { at: now + millis, run }
      timers.add(timer)
      return () => timers.delete(timer)
    }
  }
  const advance = (millis: number): void => {
    now += millis
    for (const timer of timers) {
      if (timer.at > now) continue
      timers.delete(timer)
      timer.run()
    }
  }
  return { clock, advance, waiting: () => timers.size }
}

const withCache = (cache: { readonly seal?: boolean | CacheLimits; readonly open?: boolean | CacheLimits }) => {
  const kms = fakeKms()
  const time = virtualClock()
  const envelope = createEnvelope({ kms: kms.source, keyId: "k", cache, clock: time.clock })
  return { ...kms, ...time, envelope }
}

const envelopeCode = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => "opened",
    (error: unknown) => (error instanceof Error ? Reflect.get(error, "code") : error)
  )

const collected = async (pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> => {
  const all: Array<Uint8Array> = []
  for await (const piece of pieces) all.push(piece)
  return Uint8Array.from(Buffer.concat(all))
}

/** The same bytes in pieces of these lengths, over and over. */
const inPieces = function* (bytes: Uint8Array, lengths: ReadonlyArray<number>): Generator<Uint8Array> {
  let at = 0
  for (let i = 0; at < bytes.length; i++) {
    const length = lengths[i % lengths.length] ?? 1
    yield bytes.subarray(at, at + length)
    at += length
  }
}

const contexts = fc.dictionary(fc.string({ maxLength: 8 }), fc.string({ maxLength: 8 }), { maxKeys: 3 })
const aads = fc.uint8Array({ maxLength: 40 })

/** Lengths around the segments of 64 KiB. */
const lengths = fc.oneof(fc.nat(200), fc.constantFrom(0, 65_535, 65_536, 65_537, 131_072, 131_073))
const messages = fc
  .tuple(lengths, fc.nat(255))
  .map(([length, start]) => Uint8Array.from({ length }, (_, i) => (start + i * 7) % 256))

describe("a sealed message", () => {
  it("a sealed message opens with the same context and AAD, from bytes and from pieces of any length", async () => {
    const { source } = fakeKms()
    const envelope = createEnvelope({ kms: source, keyId: "k" })
    await fc.assert(
      fc.asyncProperty(
        messages,
        contexts,
        aads,
        fc.array(fc.integer({ min: 1, max: 70_000 }), { minLength: 1, maxLength: 3 }),
        async (plaintext, encryptionContext, aad, sizes) => {
          const bound = { encryptionContext, aad }
          const pieces = sizes.map((size) => Math.max(size, plaintext.length >> 6))
          const sealed = await envelope.seal(plaintext, bound)
          const streamed = await collected(envelope.sealStream(inPieces(plaintext, pieces), bound))
          expect(streamed.length).toBe(sealed.length)
          for (const each of [sealed, streamed]) {
            expect(Buffer.compare(await envelope.open(each, bound), plaintext)).toBe(0)
            const opened = await collected(envelope.openStream(inPieces(each, pieces), bound))
            expect(Buffer.compare(opened, plaintext)).toBe(0)
          }
        }
      ),
      { numRuns: 60 }
    )
  })

  it("a sealed message is refused if any bit was changed", async () => {
    await using kms = await testKms()
    const { KeyId } = (await kms.createKey()).KeyMetadata
    const envelope = createEnvelope({ kms, keyId: KeyId })
    const sealed = await envelope.seal(text("hello"))
    const codes = new Set<unknown>()
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const changed = Uint8Array.from(sealed)
      changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit % 8))
      codes.add(await envelopeCode(envelope.open(changed)))
    }
    expect(codes).not.toContain("opened")
    expect(
      [...codes].every(
        (code) =>
          ["NotSealed", "Refused", "InvalidParameter", "InvalidCiphertext"].includes(String(code)) ||
          String(code).startsWith("Forbidden.")
      )
    ).toBe(true)
  })

  it("a sealed message is refused if segments are cut off, added, repeated or exchanged", async () => {
    const { source } = fakeKms()
    const envelope = createEnvelope({ kms: source, keyId: "k" })
    const segment = 65_536 + 16
    const sealed = await envelope.seal(new Uint8Array(3 * 65_536).fill(1))
    const head = sealed.length - 3 * segment
    const part = (n: number): Uint8Array => sealed.subarray(head + n * segment, head + (n + 1) * segment)
    const made = (...parts: ReadonlyArray<Uint8Array>): Uint8Array =>
      Uint8Array.from(Buffer.concat([sealed.subarray(0, head), ...parts]))
    const spoilt = [
      made(part(0), part(1)),
      made(part(0)),
      made(),
      made(part(1), part(0), part(2)),
      made(part(0), part(0), part(2)),
      made(part(0), part(1), part(2), part(2)),
      made(part(0), part(1), part(2), new Uint8Array(16)),
      sealed.subarray(0, -1),
      Uint8Array.from([...sealed, 0])
    ]
    expect(
      Buffer.compare(await envelope.open(made(part(0), part(1), part(2))), new Uint8Array(3 * 65_536).fill(1))
    ).toBe(0)
    for (const each of spoilt) {
      expect(await envelopeCode(envelope.open(each))).toBe("Refused")
      expect(await envelopeCode(collected(envelope.openStream(inPieces(each, [5000]))))).toBe("Refused")
    }
  })

  it("a sealed message is refused with another context or AAD, also where one ends as the other begins", async () => {
    const { source } = fakeKms()
    const envelope = createEnvelope({ kms: source, keyId: "k" })
    await fc.assert(
      fc.asyncProperty(contexts, aads, contexts, aads, async (context, aad, otherContext, otherAad) => {
        const sealed = await envelope.seal(text("hello"), { encryptionContext: context, aad })
        const same =
          JSON.stringify(Object.entries(context).sort()) === JSON.stringify(Object.entries(otherContext).sort())
        const isSame = same && Buffer.compare(aad, otherAad) === 0
        const code = await envelopeCode(envelope.open(sealed, { encryptionContext: otherContext, aad: otherAad }))
        expect(code).toBe(isSame ? "opened" : "Refused")
      }),
      { numRuns: 100 }
    )
  })

  it("a sealed message opens after ReEncrypt moved its data key to another CMK", async () => {
    await using kms = await testKms()
    const [one, other] = [await kms.createKey(), await kms.createKey()].map(({ KeyMetadata }) => KeyMetadata.KeyId)
    if (one === undefined || other === undefined) throw new Error("two keys were made")
    const envelope = createEnvelope({ kms, keyId: one })
    const sealed = Buffer.from(await envelope.seal(text("hello")))
    const length = sealed.readUInt16BE(21)
    const CiphertextBlob = sealed.subarray(23, 23 + length).toString("base64")
    const moved = await kms.reEncrypt({ CiphertextBlob, DestinationKeyId: other })
    const blob = Buffer.from(moved.CiphertextBlob, "base64")
    const head = Buffer.from(sealed.subarray(0, 23))
    head.writeUInt16BE(blob.length, 21)
    await kms.disableKey({ KeyId: one })
    const opened = await envelope.open(Buffer.concat([head, blob, sealed.subarray(23 + length)]))
    expect(opened).toEqual(text("hello"))
  })
})

interface Vector {
  readonly name: string
  readonly dataKey: string
  readonly blob: string
  readonly nonce: string
  readonly encryptionContext: Readonly<Record<string, string>>
  readonly context: string
  readonly aad: string
  readonly plaintext: string
  readonly sealed: string
}

const vectors: ReadonlyArray<Vector> = JSON.parse(
  readFileSync(new URL("../golden/envelopes.json", import.meta.url), "utf8")
)

const sourceOf = ({ blob, dataKey }: Vector): DataKeySource => ({
  generateDataKey: async () => ({
    CiphertextBlob: Buffer.from(blob, "hex").toString("base64"),
    Plaintext: Buffer.from(dataKey, "hex").toString("base64")
  }),
  decrypt: async () => ({ Plaintext: ofHex(dataKey) })
})

describe("format 1", () => {
  it.each(vectors)("format 1 of an envelope has not changed: $name", async (vector) => {
    const { aad, encryptionContext, nonce, plaintext, sealed } = vector
    const bound = { encryptionContext, aad: ofHex(aad) }
    const envelope = createEnvelope({ kms: sourceOf(vector), keyId: "k", randomBytes: () => ofHex(nonce) })
    expect(hexOf(await envelope.open(ofHex(sealed), bound))).toBe(plaintext)
    expect(hexOf(await envelope.seal(ofHex(plaintext), bound))).toBe(sealed)
  })

  it.each(vectors)("format 1 of an envelope opens by the steps of its page: $name", (vector) => {
    const sealed = Buffer.from(vector.sealed, "hex")
    expect(sealed.subarray(0, 5).toString("hex")).toBe("4b53450101")
    const blobLength = sealed.readUInt16BE(21)
    expect(sealed.subarray(23, 23 + blobLength).toString("hex")).toBe(vector.blob)
    const body = sealed.subarray(23 + blobLength + 32)
    const context = Buffer.from(vector.context, "hex")
    const contextLength = Buffer.alloc(4)
    contextLength.writeUInt32BE(context.length)
    const derived = createHmac("sha512", Buffer.from(vector.dataKey, "hex"))
      .update("keystate envelope v1")
      .update(sealed.subarray(0, 21))
      .update(contextLength)
      .update(context)
      .update(Buffer.from(vector.aad, "hex"))
      .digest()
    expect(hexOf(derived.subarray(32))).toBe(hexOf(sealed.subarray(23 + blobLength, 23 + blobLength + 32)))
    const decipher = createDecipheriv(
      "aes-256-gcm",
      derived.subarray(0, 32),
      Buffer.from("000000000000000000000001", "hex")
    )
    decipher.setAuthTag(body.subarray(-16))
    const plaintext = Buffer.concat([decipher.update(body.subarray(0, -16)), decipher.final()])
    expect(hexOf(plaintext)).toBe(vector.plaintext)
  })

  it.each([
    [new Uint8Array(3), "it is too short"],
    [new Uint8Array(300), "it does not begin with KSE"],
    [ofHex(`4b534502${"00".repeat(100)}`), "it has format 2, and this release reads format 1"],
    [ofHex(`4b53450107${"00".repeat(100)}`), "it has algorithm 7, and this release knows 1"],
    [ofHex(`4b53450101${"00".repeat(100)}`), "it has no data key"],
    [ofHex(`4b53450101${"00".repeat(16)}00ff${"00".repeat(100)}`), "it is too short"]
  ])("bytes that are no sealed message are refused without a call of the KMS (%#)", async (bytes, why) => {
    const { calls, source } = fakeKms()
    const envelope = createEnvelope({ kms: source })
    await expect(envelope.open(bytes)).rejects.toThrow(`This is not a sealed message: ${why}.`)
    await expect(collected(envelope.openStream([bytes]))).rejects.toThrow(`This is not a sealed message: ${why}.`)
    expect(calls).toEqual([])
  })
})

describe("data keys that are kept", () => {
  it("without a cache each seal and each open calls the KMS, and every data key is overwritten", async () => {
    const { calls, envelope, isWiped } = withCache({})
    const sealed = await envelope.seal(text("a"))
    await envelope.open(sealed)
    await envelope.open(sealed)
    await collected(envelope.openStream([sealed]))
    expect(calls).toEqual(["generateDataKey", "decrypt", "decrypt", "decrypt"])
    expect(isWiped()).toBe(true)
  })

  it("no data key seals more messages or bytes, or for longer, than its limits say, in any order of calls", async () => {
    const step = fc.oneof(
      fc.record({ seal: fc.nat(60) }),
      fc.record({ advance: fc.integer({ min: 1, max: 40 }) }),
      fc.record({ together: fc.array(fc.nat(60), { minLength: 2, maxLength: 8 }) })
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const limits = { maxAgeMillis: 100, maxMessages: 3, maxBytes: 100, maxKeys: 1 }
        const { advance, clock, envelope, given } = withCache({ seal: limits })
        const uses = new Map<string, { since: number; messages: number; bytes: number }>()
        const seal = async (bytes: number): Promise<void> => {
          const asked = clock.now()
          const sealed = Buffer.from(await envelope.seal(new Uint8Array(bytes)))
          const blob = sealed.subarray(23, 23 + sealed.readUInt16BE(21)).toString()
          const use = uses.get(blob) ?? { since: asked, messages: 0, bytes: 0 }
          uses.set(blob, { since: use.since, messages: use.messages + 1, bytes: use.bytes + bytes })
          expect(clock.now() - use.since).toBeLessThan(limits.maxAgeMillis)
        }
        for (const each of steps) {
          if ("seal" in each) await seal(each.seal)
          else if ("advance" in each) advance(each.advance)
          else await Promise.all(each.together.map(seal))
          for (const { bytes, messages } of uses.values()) {
            expect(messages).toBeLessThanOrEqual(limits.maxMessages)
            expect(bytes).toBeLessThanOrEqual(limits.maxBytes)
          }
        }
        advance(limits.maxAgeMillis)
        expect(given.every((key) => key.every((byte) => byte === 0))).toBe(true)
      }),
      { numRuns: 60 }
    )
  })

  it("calls at the same time share one data key, and a failure of the KMS reaches all of them", async () => {
    const { calls, disable, envelope, advance } = withCache({ seal: true })
    await Promise.all(Array.from({ length: 50 }, () => envelope.seal(text("a"))))
    expect(calls).toEqual(["generateDataKey"])
    advance(60_000)
    disable()
    const codes = await Promise.all([1, 2, 3].map(() => envelopeCode(envelope.seal(text("a")))))
    expect(codes).toEqual(Array(3).fill("Rejected.Disabled"))
  })

  it("a data key is overwritten by its timer at its greatest age, although no call comes", async () => {
    const { advance, envelope, isWiped, waiting } = withCache({ seal: true, open: true })
    await envelope.open(await envelope.seal(text("a")))
    expect([isWiped(), waiting()]).toEqual([false, 2])
    advance(59_999)
    expect(isWiped()).toBe(false)
    advance(1)
    expect([isWiped(), waiting()]).toEqual([true, 0])
  })

  it("each context has a separate data key, and the one used least recently is dropped", async () => {
    const { calls, envelope, given } = withCache({ seal: { maxKeys: 2 } })
    const sealFor = (tenant: string) => envelope.seal(text("a"), { encryptionContext: { tenant } })
    for (const tenant of ["1", "2", "1", "3", "1"]) await sealFor(tenant)
    expect(calls).toHaveLength(3)
    expect(given.map((key) => key.every((byte) => byte === 0))).toEqual([false, true, false])
    await sealFor("2")
    expect(calls).toHaveLength(4)
  })

  it("a data key that arrives after its time is used once and not kept", async () => {
    const { isWiped, source } = fakeKms()
    const { advance, clock, waiting } = virtualClock()
    const slow: DataKeySource = {
      ...source,
      generateDataKey: (request) => {
        advance(60_000)
        return source.generateDataKey(request)
      }
    }
    const envelope = createEnvelope({ kms: slow, keyId: "k", cache: { seal: true }, clock })
    expect((await envelope.seal(text("a"))).length).toBeGreaterThan(0)
    expect([isWiped(), waiting()]).toEqual([true, 0])
  })

  it("a message longer than the limit and a stream use data keys that are not kept", async () => {
    const { calls, envelope, isWiped } = withCache({ seal: { maxBytes: 10 }, open: { maxBytes: 10 } })
    await envelope.open(await envelope.seal(new Uint8Array(11)))
    await collected(envelope.openStream(envelope.sealStream([text("a")])))
    expect([calls.length, isWiped()]).toEqual([4, true])
  })

  it("the greatest age counts by the clock of the machine that counts more, and never backwards", () => {
    let [steady, wall] = [0, 1_000_000]
    const now = elapsedBy({ steady: () => steady, wall: () => wall })
    const after = (steadyMillis: number, wallMillis: number): number => {
      steady += steadyMillis
      wall += wallMillis
      return now()
    }
    expect([after(10, 10), after(5, 3_600_000), after(10, -9_000_000), after(1, 1)]).toEqual([
      10, 3_600_010, 3_600_020, 3_600_021
    ])
  })
})

describe("revocation", () => {
  it("an envelope without a cache opens and seals nothing between DisableKey and EnableKey", async () => {
    await using kms = await testKms()
    const { KeyId } = (await kms.createKey()).KeyMetadata
    const envelope = createEnvelope({ kms, keyId: KeyId })
    const sealed = await envelope.seal(text("hello"))
    await kms.disableKey({ KeyId })
    const refusals = [envelope.open(sealed), envelope.seal(text("a")), collected(envelope.openStream([sealed]))]
    expect(await Promise.all(refusals.map(envelopeCode))).toEqual(Array(3).fill("Rejected.Disabled"))
    await kms.enableKey({ KeyId })
    expect(await envelope.open(sealed)).toEqual(text("hello"))
  })

  it("an envelope with a cache notices a revocation at the greatest age, and not later", async () => {
    await using kms = await testKms()
    const { KeyId } = (await kms.createKey()).KeyMetadata
    const { advance, clock } = virtualClock()
    const envelope = createEnvelope({ kms, keyId: KeyId, cache: { open: { maxAgeMillis: 5000 } }, clock })
    const sealed = await envelope.seal(text("hello"))
    await envelope.open(sealed)
    await kms.disableKey({ KeyId })
    advance(4999)
    expect(await envelope.open(sealed)).toEqual(text("hello"))
    advance(1)
    expect(await envelopeCode(envelope.open(sealed))).toBe("Rejected.Disabled")
    expect(await envelopeCode(envelope.seal(text("a")))).toBe("Rejected.Disabled")
  })
})

describe("an envelope", () => {
  it("an envelope works over HTTP with the vendor's client", async () => {
    await using server = await startServer()
    const client = new Kms.default(
      new Config({
        accessKeyId: server.accessKeyId,
        accessKeySecret: server.accessKeySecret,
        endpoint: new URL(server.url).host,
        protocol: "http",
        type: "access_key",
        ...sdkTimeouts
      })
    )
    const kms: DataKeySource = {
      generateDataKey: async ({ EncryptionContext, KeyId }) => {
        const request = new Kms.GenerateDataKeyRequest({
          keyId: KeyId,
          encryptionContext: JSON.stringify(EncryptionContext ?? {})
        })
        const { ciphertextBlob, plaintext } = await client.generateDataKey(request)
        return { CiphertextBlob: ciphertextBlob, Plaintext: plaintext }
      },
      decrypt: async ({ CiphertextBlob, EncryptionContext }) => {
        const request = new Kms.DecryptRequest({
          ciphertextBlob: CiphertextBlob,
          encryptionContext: JSON.stringify(EncryptionContext ?? {})
        })
        return { Plaintext: (await client.decrypt(request)).plaintext }
      }
    }
    const { KeyId } = (await server.kms.createKey()).KeyMetadata
    const overHttp = createEnvelope({ kms, keyId: KeyId })
    const bound = { encryptionContext: { tenant: "ü" } }
    const sealed = await overHttp.seal(text("hello"), bound)
    expect(await createEnvelope({ kms: server.kms }).open(sealed, bound)).toEqual(text("hello"))
    await server.kms.disableKey({ KeyId })
    expect(await codeOf(overHttp.open(sealed, bound))).toBe("Rejected.Disabled")
  })

  it("an envelope that is closed has overwritten its keys and refuses every call, also one that is under way", async () => {
    const { envelope, isWiped, waiting } = withCache({ seal: true, open: true })
    const sealed = await envelope.seal(text("a"))
    const underWay = envelope.open(sealed)
    envelope.close()
    expect(await envelopeCode(underWay)).toBe("Closed")
    expect([isWiped(), waiting()]).toEqual([true, 0])
    expect(await envelopeCode(envelope.seal(text("a")))).toBe("Closed")
    expect(await envelopeCode(envelope.open(sealed))).toBe("Closed")
  })

  it("a printed envelope and the errors of an envelope show no key", async () => {
    const { envelope } = withCache({ seal: true, open: true })
    const sealed = await envelope.seal(text("secret text"))
    await envelope.open(sealed)
    const error = await envelope.open(sealed, { aad: text("b") }).catch((failure: unknown) => failure)
    for (const shown of [inspect(envelope, { depth: 9, showHidden: true }), inspect(error), JSON.stringify(envelope)]) {
      expect(shown).not.toMatch(/01, ?01|1, 1, 1|0101|secret/)
    }
  })

  it.each([
    [{ kid: "k" }, '"kid" is not an option; there are kms, keyId, cache, clock, randomBytes.'],
    [
      { cache: { seal: { maxAge: 5 } } },
      "cache.seal has no limit maxAge; there are maxAgeMillis, maxMessages, maxBytes, maxKeys."
    ],
    [
      { cache: { open: { maxAgeMillis: 0 } } },
      "cache.open.maxAgeMillis must be a whole number from 1 to 2147483647, not 0."
    ],
    [
      { cache: { seal: { maxMessages: 1.5 } } },
      "cache.seal.maxMessages must be a whole number from 1 to 4294967296, not 1.5."
    ]
  ])("createEnvelope refuses the options %j", (options, message) => {
    const given = { kms: fakeKms().source, ...JSON.parse(JSON.stringify(options)) }
    expect(() => createEnvelope(given)).toThrow(message)
  })

  it("an envelope refuses values of another type, a misspelt binding, and a data key of another length", async () => {
    const { source } = fakeKms()
    const envelope = createEnvelope({ kms: source, keyId: "k" })
    const anything = (value: unknown) => Reflect.apply(envelope.seal, envelope, [text("a"), value])
    expect(await envelopeCode(Reflect.apply(envelope.seal, envelope, ["text"]))).toBe("InvalidParameter")
    expect(await envelopeCode(Reflect.apply(envelope.open, envelope, ["text"]))).toBe("InvalidParameter")
    expect(await envelopeCode(anything({ AAD: text("a") }))).toBe("InvalidParameter")
    expect(await envelopeCode(anything({ aad: "a" }))).toBe("InvalidParameter")
    expect(await envelopeCode(anything({ encryptionContext: { a: 1 } }))).toBe("InvalidParameter")
    expect(await envelopeCode(anything({ encryptionContext: { a: "\ud800" } }))).toBe("InvalidParameter")
    const pieces: Pieces = Readable.from(["text"])
    expect(await envelopeCode(collected(envelope.sealStream(pieces)))).toBe("InvalidParameter")
    expect(await envelopeCode(createEnvelope({ kms: source }).seal(text("a")))).toBe("InvalidParameter")
    const short = { ...source, generateDataKey: async () => ({ CiphertextBlob: "YQ==", Plaintext: "YWJj" }) }
    expect(await envelopeCode(createEnvelope({ kms: short, keyId: "k" }).seal(text("a")))).toBe("UnusableDataKey")
  })
})
