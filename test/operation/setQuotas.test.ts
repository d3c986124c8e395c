/** Quotas set by an operator, and calls above a request quota. */
import { describe, expect, it } from "vitest"
import { asymmetricVersionsMax } from "../../machines/permits.ts"
import { AccountId, RegionId } from "../../src/domain/ids.ts"
import { versionsPerKeyMax } from "../../src/domain/limits.ts"
import { documentedRates } from "../../src/domain/quotas.ts"
import { createKms, SeedRefused } from "../../src/promise.ts"
import { makeThrottle } from "../../src/requests/throttle.ts"
import { seedOfKeys, id } from "../seed/seeds.ts"
import { startServer } from "../guide/serverFixture.ts"
import { refusal } from "./doors.ts"

const times = (count: number, make: (at: number) => Promise<unknown>) =>
  Promise.allSettled(Array.from({ length: count }, (_, at) => make(at)))

const granted = (results: ReadonlyArray<PromiseSettledResult<unknown>>): number =>
  results.filter(({ status }) => status === "fulfilled").length

describe("configured quotas", () => {
  it("a configured quota allows more keys than documented, up to its number", async () => {
    await using kms = await createKms({ clock: "virtual", quotas: { keys: 203 } })
    expect(granted(await times(220, () => kms.createKey({ Origin: "EXTERNAL" })))).toBe(203)
    const { code, hint } = await refusal(kms.createKey())
    expect([code, hint]).toEqual(["Rejected.LimitExceeded", "An account has at most 203 keys in a region."])
  })

  it("a configured quota allows fewer keys, aliases and versions than documented", async () => {
    await using kms = await createKms({ clock: "virtual", quotas: { keys: 2, aliases: 3, versions: 2 } })
    const { KeyId } = (await kms.createKey({ KeySpec: "EC_P256", KeyUsage: "SIGN/VERIFY" })).KeyMetadata
    expect(granted(await times(9, () => kms.createKey()))).toBe(1)
    expect(granted(await times(9, (at) => kms.createAlias({ KeyId, AliasName: `alias/a${at}` })))).toBe(3)
    await kms.clock.advance("7d")
    await kms.createKeyVersion({ KeyId })
    await kms.clock.advance("7d")
    const { code, hint } = await refusal(kms.createKeyVersion({ KeyId }))
    expect([code, hint]).toEqual(["Rejected.LimitExceeded", "An asymmetric key has at most 2 versions."])
  })

  it("a configured quota applies to seeds", async () => {
    const fixtures = seedOfKeys({ id: id(1) }, { id: id(2) })
    await expect(createKms({ fixtures, quotas: { keys: 1 } })).rejects.toThrow(SeedRefused)
    await using kms = await createKms({ fixtures, quotas: { keys: 2 } })
    expect((await kms.listKeys()).TotalCount).toBe(2)
  })

  it.each([
    [{ kees: 5 }, 'quotas: "kees" is not a quota. Did you mean "keys"?'],
    [{ keys: 0 }, "quotas: keys must be a whole number from 1 to 10000000, not 0."],
    [{ versions: 51 }, "quotas: versions must be a whole number from 1 to 50, not 51."]
  ])("a configured quota cannot be %j", async (quotas, message) => {
    await expect(createKms(JSON.parse(JSON.stringify({ quotas })))).rejects.toThrow(message)
  })

  it("the quotas name the number of versions that the machine allows", () => {
    expect(versionsPerKeyMax).toBe(asymmetricVersionsMax)
  })
})

const realm = { account: AccountId.make("1000000000000001"), region: RegionId.make("cn-hangzhou") }
const elsewhere = { ...realm, region: RegionId.make("cn-beijing") }

/** A throttle, and the number of calls that it permits. */
const throttled = (rates: Parameters<typeof makeThrottle>[0]) => {
  let now = 0
  const throttle = makeThrottle(rates, () => now)
  const call = { source: { get: () => undefined, names: () => [][Symbol.iterator]() }, requestId: "" } as const
  const passed = (operation: string, count: number, at = realm): number => {
    const caller = { kind: "root", account: at.account } as const
    const calls = Array.from({ length: count }, () => throttle({ ...call, caller, realm: at, operation }))
    return calls.filter((refused) => refused === undefined).length
  }
  return {
    passed,
    pass: (millis: number) => {
      now += millis
    }
  }
}

describe("a request quota", () => {
  it("a request quota permits the calls of one second, and more as time passes", () => {
    const { pass, passed } = throttled(documentedRates)
    expect([passed("CreateKey", 25), passed("CreateKey", 5)]).toEqual([10, 0])
    pass(500)
    expect(passed("CreateKey", 25)).toBe(5)
    pass(60_000)
    expect(passed("CreateKey", 25)).toBe(10)
  })

  it("a request quota counts classes, accounts and regions separately", () => {
    const { passed } = throttled({ read: 3, symmetric: 2 })
    expect(passed("DescribeKey", 2) + passed("ListKeys", 2)).toBe(3)
    expect([passed("Encrypt", 1), passed("Decrypt", 2), passed("DescribeKey", 5, elsewhere)]).toEqual([1, 1, 3])
  })

  it("a request quota does not count operations without a quota or Keystate's own operations", () => {
    const { passed } = throttled({ read: 1 })
    expect([passed("Encrypt", 50), passed("AdvanceClock", 50), passed("ListAuditRecords", 50)]).toEqual([50, 50, 50])
  })

  it("a request quota refuses with 429 and Rejected.Throttling, and writes an audit record", async () => {
    await using server = await startServer({ requestQuotas: { create: 1 } })
    const answers = await times(20, () => server.pop("CreateKey"))
    const refused = answers.flatMap((answer) => (answer.status === "rejected" ? [answer.reason] : []))
    expect(refused.length).toBeGreaterThan(0)
    expect(new Set(refused.map((reason) => reason.code))).toEqual(new Set(["Rejected.Throttling"]))
    expect(String(JSON.stringify(await server.pop("ListAuditRecords")))).toContain("Rejected.Throttling")
  })

  it("a request quota cannot be set for an unknown class", async () => {
    const options = JSON.parse('{ "requestQuotas": { "symetric": 5 } }')
    await expect(createKms(options)).rejects.toThrow('Did you mean "symmetric"?')
    await expect(createKms({ requestQuotas: { read: 0.5 } })).rejects.toThrow("read must be a whole number")
  })
})
