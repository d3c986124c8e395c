/** Each request is accepted once: by the guard alone, and by authentication with the guard. */
import { createHash } from "node:crypto"
import * as fc from "fast-check"
import { describe, expect, it } from "vitest"
import { formatInstant } from "../../src/domain/time.ts"
import { signV1 } from "../../src/wire/client.ts"
import { FingerprintSet } from "../../src/wire/fingerprintSet.ts"
import { makeReplayGuard } from "../../src/wire/replayGuard.ts"
import type { ReplayGuard, Use } from "../../src/wire/replayGuard.ts"
import { accessKeyId, ask, get, makeGuard, now, nowMillis, outcome, post, secret, signed } from "./fixtures.ts"
import { signatureV3 } from "./secondOpinion.ts"

const minute = 60_000

const use = (text: string, overrides: Partial<Use> = {}): Use => ({
  accessKeyId,
  by: "nonce",
  text,
  stampMillis: overrides.nowMillis ?? nowMillis,
  nowMillis,
  ...overrides
})

describe("the replay guard", () => {
  it("the replay guard stores a nonce by its exact text, for its access key only", () => {
    const { check } = makeGuard()
    const twins = ["n", "N", " n", "n ", "n%20", "n+", "\u00f1", "n\u0303", "n\0", ""]
    for (const text of twins) expect(check(use(text))).toBe("fresh")
    for (const text of twins) expect(check(use(text))).toBe("used")
    expect(check(use("n", { accessKeyId: "other" }))).toBe("fresh")
    expect(check(use("n", { by: "signature" }))).toBe("fresh")
    // The two parts cannot be shifted into each other.
    expect(check(use("b c", { accessKeyId: "a" }))).toBe("fresh")
    expect(check(use("c", { accessKeyId: "a b" }))).toBe("fresh")
  })

  it("the replay guard refuses a nonce again under another timestamp", () => {
    const { check } = makeGuard()
    expect(check(use("n"))).toBe("fresh")
    expect(check(use("n", { stampMillis: nowMillis + 1000 }))).toBe("used")
  })

  it("the replay guard stores a nonce for twice the window, and for less than 50 minutes", () => {
    fc.assert(
      fc.property(fc.array(fc.nat({ max: 12 * minute }), { minLength: 1, maxLength: 60 }), (steps) => {
        const { check, size } = makeGuard()
        const seen: Array<readonly [text: string, atMillis: number]> = []
        let at = nowMillis
        for (const step of steps) {
          at += step
          const text = `n${seen.length}`
          expect(check(use(text, { nowMillis: at }))).toBe("fresh")
          seen.push([text, at])
          for (const [old, since] of seen) {
            if (at - since <= 30 * minute) expect(check(use(old, { nowMillis: at }))).toBe("used")
          }
          expect(size()).toBeLessThanOrEqual(seen.filter(([, since]) => at - since <= 50 * minute).length)
        }
      }),
      { numRuns: 200, seed: 7 }
    )
  })

  it("the replay guard accepts nothing twice under any change of the clock", () => {
    const jump = fc.integer({ min: -90 * minute, max: 90 * minute })
    fc.assert(
      fc.property(fc.array(jump, { minLength: 5, maxLength: 40 }), (jumps) => {
        const { check } = makeGuard()
        const accepted: Array<Use> = []
        let at = nowMillis
        for (const [i, step] of jumps.entries()) {
          at += step
          const first = use(`n${i}`, { nowMillis: at })
          if (check(first) === "fresh") accepted.push(first)
          for (const again of accepted) expect(check({ ...again, nowMillis: at })).toBeOneOf(["used", "forgotten"])
        }
      }),
      { numRuns: 300, seed: 7 }
    )
  })

  it("the replay guard refuses no valid timestamp while the clock moves forward", () => {
    const { check, refusedNow } = makeGuard()
    for (let at = nowMillis; at < nowMillis + 180 * minute; at += 20_000) {
      expect(check(use(`n${at}`, { nowMillis: at, stampMillis: at + 15 * minute }))).toBe("fresh")
      for (const { to } of refusedNow(at)) expect(to).toBeLessThanOrEqual(at - 15 * minute)
    }
  })

  it.each([1, 5, 15, 30, 45])(
    "the replay guard accepts requests at once after a clock was a day ahead for %i minutes",
    (minutes) => {
      const { check, refusedNow } = makeGuard()
      const ahead = 24 * 60 * minute
      let at = nowMillis
      const accepted: Array<Use> = []
      const accept = (nowMillis: number): void => {
        const fresh = use(`n${accepted.length}`, { nowMillis, stampMillis: nowMillis })
        expect(check(fresh)).toBe("fresh")
        accepted.push(fresh)
      }
      for (let i = 0; i < 60; i++) accept((at += minute))
      for (let i = 0; i < minutes; i++) accept((at += minute) + ahead)
      for (let i = 0; i < 60; i++) {
        accept((at += minute))
        expect(refusedNow(at)).toEqual([])
      }
      // Replays are refused now, and when the clock reaches their timestamps.
      for (const again of accepted) expect(check({ ...again, nowMillis: at })).not.toBe("fresh")
      for (; at < nowMillis + ahead + 120 * minute; at += minute) {
        for (const again of accepted) expect(check({ ...again, nowMillis: at })).not.toBe("fresh")
      }
    }
  )

  it("the replay guard refuses only requests with deleted nonces after the clock was set back", () => {
    const { check, refusedNow } = makeGuard()
    let at = nowMillis
    for (let i = 0; i < 180; i++) check(use(`n${i}`, { nowMillis: (at += minute), stampMillis: at }))
    const back = at - 120 * minute
    expect(check(use("a", { nowMillis: back, stampMillis: back }))).toBe("forgotten")
    expect(refusedNow(back)).toHaveLength(1)
    const before = nowMillis - 60 * minute
    expect(refusedNow(before)).toEqual([])
    expect(check(use("b", { nowMillis: before, stampMillis: before }))).toBe("fresh")
  })

  it("the replay guard refuses new requests when full, and deletes no nonce", () => {
    const { check, size } = makeReplayGuard({ drained: false, noncesMax: 3 })
    expect(["a", "b", "c", "d"].map((text) => check(use(text)))).toEqual(["fresh", "fresh", "fresh", "full"])
    expect(check(use("a"))).toBe("used")
    expect(size()).toBe(3)
    const later = nowMillis + 41 * minute
    expect(check(use("d", { nowMillis: later }))).toBe("fresh")
  })

  it("the replay guard reports each accepted nonce once, and restores all after a restart", () => {
    const before = makeReplayGuard({ drained: true })
    const batches = []
    for (let i = 0; i < 500; i++) {
      before.check(use(`n${i % 400}`, { stampMillis: nowMillis + i }))
      const batch = i % 50 === 49 ? before.drain() : undefined
      if (batch !== undefined) batches.push(batch)
    }
    expect(before.drain()).toBeUndefined()
    expect(batches.flatMap(({ lines }) => lines)).toHaveLength(400)
    expect(batches.at(-1)?.expiresAt).toBe(nowMillis + 399 + 15 * minute + 1)
    expect(batches.flatMap(({ lines }) => lines).every((line) => line.length < 50)).toBe(true)

    const after = makeReplayGuard({ drained: true })
    after.restore(batches, nowMillis)
    expect(after.drain()).toBeUndefined()
    for (let i = 0; i < 400; i++) expect(after.check(use(`n${i}`))).toBe("used")
    expect(after.check(use("n400"))).toBe("fresh")
  })

  it("the replay guard stops at an unknown stored line", () => {
    const { restore } = makeGuard()
    expect(() => restore([{ expiresAt: 0, lines: ["nonsense"] }], nowMillis)).toThrow(/stored nonce/)
  })
})

describe("a set of fingerprints", () => {
  const fingerprint = (n: number): string => createHash("sha256").update(String(n)).digest("binary").slice(0, 16)

  it("a set of fingerprints contains exactly the added values, after every growth", () => {
    const set = new FingerprintSet()
    for (let n = 0; n < 50_000; n++) {
      if (n % 97 === 0) expect(set.has(fingerprint(n))).toBe(false)
      set.add(fingerprint(n))
    }
    expect(set.size).toBe(50_000)
    for (let n = 0; n < 100_000; n++) if (set.has(fingerprint(n)) !== n < 50_000) expect(n).toBe("as it was added")
  })

  it("a set of fingerprints contains values whose words are zero or equal", () => {
    const set = new FingerprintSet()
    const zeros = "\0".repeat(16)
    const alike = Array.from({ length: 200 }, (_, i) => "\0".repeat(12) + String.fromCharCode(1, 0, 0, i))
    for (const text of [zeros, ...alike]) {
      expect(set.has(text)).toBe(false)
      set.add(text)
      set.add(text)
    }
    expect(set.size).toBe(201)
    for (const text of [zeros, ...alike]) expect(set.has(text)).toBe(true)
  })
})

describe("repeated requests", () => {
  const again = (raw: Parameters<typeof ask>[0], twins: ReadonlyArray<Parameters<typeof ask>[0]>): void => {
    const nonces: ReplayGuard = makeGuard()
    expect(outcome(ask(raw, { nonces }))).toBe("ok")
    for (const twin of [raw, ...twins]) expect(outcome(ask(twin, { nonces }))).not.toBe("ok")
    expect(outcome(ask(raw, { nonces, nowMillis: nowMillis + 14 * minute }))).toBe("SignatureNonceUsed")
    expect(outcome(ask(raw, { nonces, nowMillis: nowMillis + 16 * minute }))).toBe("InvalidTimeStamp.Expired")
  }

  it("refuses a repeated request with a nonce, in any spelling", () => {
    const query = signed({}, { method: "GET", nonce: "a b~c" })
    again(
      get(query),
      [
        query.replace("a%20b", "a+b"),
        query.replace("~", "%7E"),
        query.replace("a%20b", "A%20b"),
        `${query}&`,
        query.split("&").reverse().join("&")
      ].map(get)
    )
  })

  it("refuses a repeated request without a nonce by its signature, in any spelling", () => {
    const parameters = { Action: "Encrypt", Version: "2016-01-20" }
    const form = signV1({ method: "POST", parameters, accessKeyId, secret, timestamp: now })
    const respelled = (to: string): string => form.replace(/(Signature=[^&]*)%3D$/, to)
    expect(form).toMatch(/Signature=[^&]*%3D$/)
    again(
      post(form),
      [
        respelled("$1"),
        respelled("$1="),
        respelled("$1%3D%3D"),
        respelled("$1%3D%20"),
        `${form}&SignatureNonce=`,
        form.split("&").reverse().join("&")
      ].map((text) => post(text))
    )
  })

  it("refuses a repeated V3 request, with any space around its header values", () => {
    const headers: Record<string, string> = {
      host: "localhost",
      "x-acs-action": "Encrypt",
      "x-acs-content-sha256": createHash("sha256").digest("hex"),
      "x-acs-date": now,
      "x-acs-signature-nonce": "n1",
      "x-acs-version": "2016-01-20"
    }
    const signedHeaders = Object.keys(headers)
    const body = new Uint8Array()
    const signature = signatureV3({ method: "POST", query: [], headers, signedHeaders, body }, secret)
    const authorization = `ACS3-HMAC-SHA256 Credential=${accessKeyId},SignedHeaders=${signedHeaders.join(";")},Signature=${signature}`
    const raw = { method: "POST", url: "/", headers: { ...headers, authorization }, body }
    const around = [" ", "\t", "\u00a0", "\u0085", "\v", "\f", "\ufeff", "\n", "\r"]
    again(
      raw,
      around.flatMap((blank) =>
        [`${blank}n1`, `n1${blank}`].map((nonce) => ({
          ...raw,
          headers: { ...raw.headers, "x-acs-signature-nonce": nonce }
        }))
      )
    )
  })

  it("accepts one of ten thousand copies of a request", () => {
    const nonces = makeGuard()
    const raw = post(signed({}))
    let passed = 0
    for (let i = 0; i < 10_000; i++) if (outcome(ask(raw, { nonces })) === "ok") passed++
    expect(passed).toBe(1)
  })

  it("the refusal with full memory says to wait, and the nonce stays unused", () => {
    const nonces = makeReplayGuard({ drained: false, noncesMax: 1 })
    expect(outcome(ask(post(signed({}, { nonce: "a" })), { nonces }))).toBe("ok")
    expect(outcome(ask(post(signed({}, { nonce: "b" })), { nonces }))).toBe("Rejected.Throttling")
    const later = nowMillis + 41 * minute
    const timestamp = formatInstant(later)
    expect(outcome(ask(post(signed({}, { nonce: "b", timestamp })), { nonces, nowMillis: later }))).toBe("ok")
  })
})
