/** The laws of providers and stores without a test runner: Keystate's parts keep them, and faulty parts break them. */
import { Effect, Layer } from "effect"
import { describe, expect, it } from "vitest"
import { checkLaws, lawsIn, outcomesText } from "../../src/conformance/partLaws.ts"
import { CryptoFailed } from "../../src/crypto/provider.ts"
import type { Law, LawOutcome } from "../../src/conformance/partLaws.ts"
import { expect as plainly } from "../../src/conformance/expect.ts"
import { providerLaws } from "../../src/conformance/provider/index.ts"
import type { CryptoProvider, ProviderUnderTest } from "../../src/conformance/provider/index.ts"
import { storeLaws } from "../../src/conformance/store/index.ts"
import { memoryDriverLayer } from "../../src/store/memory/memoryStore.ts"
import { Driver } from "../../src/store/driver.ts"
import type { StoreDriver } from "../../src/store/driver.ts"
import { native } from "../crypto/providers.ts"

const brokenBy = async (laws: ReadonlyArray<Law>): Promise<ReadonlyArray<LawOutcome>> =>
  (await checkLaws(laws)).filter(({ fault }) => fault !== undefined)

const sentences = (outcomes: ReadonlyArray<LawOutcome>): string => outcomes.map(({ sentence }) => sentence).join("\n")

/** The laws of some groups: a run of all laws for each fault would take long and find the same. */
const some = (laws: ReadonlyArray<Law>, groups: RegExp): ReadonlyArray<Law> => {
  const chosen = laws.filter(({ group }) => groups.test(group))
  expect(chosen.length).toBeGreaterThan(3)
  return chosen
}

const unsupported = Effect.fail(new CryptoFailed({ reason: "UnsupportedSpec" }))

const spoilt = (change: (provider: CryptoProvider) => Partial<CryptoProvider>): ProviderUnderTest => ({
  ...native,
  makeProvider: (options) => {
    const provider = native.makeProvider(options)
    return { ...provider, ...change(provider) }
  }
})

describe("the laws of providers", () => {
  it("the provider laws have unique ids, and run without a test runner", async () => {
    const laws = providerLaws(native)
    expect(laws.length).toBeGreaterThan(60)
    expect(new Set(laws.map(({ id }) => id)).size).toBe(laws.length)
    expect(await brokenBy(some(laws, /SM4|material/))).toEqual([])
  })

  it.for([
    [
      "that forgets the context",
      spoilt((provider) => ({
        seal: (request) => provider.seal({ ...request, context: new Uint8Array(0) }),
        unseal: (request) => provider.unseal({ ...request, context: new Uint8Array(0) })
      })),
      /messages under Aliyun_AES_256/,
      "a blob opens only with its own context"
    ],
    [
      "that seals nothing",
      spoilt(() => ({ seal: ({ plaintext }) => Effect.succeed(plaintext) })),
      /messages under Aliyun_AES_256/,
      "a blob opens with its context, and names its key"
    ],
    [
      "to which every signature is right",
      spoilt(() => ({ verify: () => Effect.succeed(true) })),
      /^EC_P256$/,
      "verify each other's signatures, and nothing else"
    ],
    [
      "that takes material of any length",
      spoilt((provider) => ({
        adopt: (request) => provider.adopt({ ...request, material: new Uint8Array(32).fill(1) })
      })),
      /^material$/,
      "material of a wrong length is refused"
    ],
    [
      "that makes one key over and over",
      spoilt((provider) => ({
        generate: (request) => provider.adopt({ ...request, material: new Uint8Array(32).fill(1) })
      })),
      /^chance$/,
      "no nonce and no key repeats"
    ],
    [
      "that answers for a closed handle with a failure",
      spoilt((provider) => ({
        seal: (request) => Effect.catchDefect(provider.seal(request), () => unsupported)
      })),
      /^material$/,
      "a closed handle and a handle of another provider refuse every call with a defect"
    ]
  ] as const)("the provider laws catch a provider %s", async ([, under, groups, sentence]) => {
    expect(sentences(await brokenBy(some(providerLaws(under), groups)))).toContain(sentence)
  })

  it("a provider with only AES and without imports keeps the provider laws", async () => {
    const aesOnly = spoilt(({ generate, adopt, open }) => ({
      specs: new Set(["Aliyun_AES_256"]),
      generate: (request) => (request.spec === "Aliyun_AES_256" ? generate(request) : unsupported),
      adopt: (request) => (request.spec === "Aliyun_AES_256" ? adopt(request) : unsupported),
      open: (request) => (request.spec === "Aliyun_AES_256" ? open(request) : unsupported),
      lacks: () => "a way to unwrap",
      makeWrappingPair: () => unsupported,
      importMaterial: () => unsupported,
      wrap: () => unsupported
    }))
    const laws = providerLaws(aesOnly)
    expect(laws.length).toBeGreaterThan(20)
    expect(await brokenBy(laws)).toEqual([])
  })

  it("the provider laws catch a provider that cannot be made", async () => {
    const under: ProviderUnderTest = {
      ...native,
      makeProvider: () => {
        throw new Error("there is no library")
      }
    }
    const broken = await brokenBy(providerLaws(under))
    expect(broken.length).toBeGreaterThanOrEqual(4)
    expect(outcomesText(broken)).toContain("there is no library")
  })
})

const spoiltStore = (change: (driver: StoreDriver) => Partial<StoreDriver>) => () =>
  Layer.effect(
    Driver,
    Effect.map(Driver, (driver) => ({ ...driver, ...change(driver) }))
  ).pipe(Layer.provide(Layer.fresh(memoryDriverLayer)))

/** A driver that finds nothing in one index. */
const blindIn = (name: string) =>
  spoiltStore((driver) => ({
    scan: (scan) => (`${scan.table}.${scan.index}` === name ? Effect.succeed([]) : driver.scan(scan))
  }))

describe("the laws of stores", () => {
  it("the store laws hold for the memory store, and have unique ids", async () => {
    const laws = storeLaws(() => Layer.fresh(memoryDriverLayer))
    expect(laws.length).toBeGreaterThan(25)
    expect(new Set(laws.map(({ id }) => id)).size).toBe(laws.length)
    expect(await brokenBy(laws)).toEqual([])
  })

  it.for([
    ["that loses deadlines", blindIn("deadlines.due"), "clock"],
    ["whose journal is empty", blindIn("events.ofKey"), "history"],
    [
      "that forgets aliases",
      spoiltStore((driver) => ({
        get: (table, id) => (table === "aliases" ? Effect.succeed(undefined) : driver.get(table, id))
      })),
      "aliases"
    ],
    ["that keeps no versions", blindIn("versions.ofKey"), "keys"],
    [
      "whose pages all begin at the start",
      spoiltStore(({ abilities: { page: _counted, ...abilities } = {}, ...driver }) => ({
        scan: (scan) => driver.scan({ ...scan, offset: 0 }),
        abilities
      })),
      "lists"
    ],
    [
      "whose counted pages all begin at the start",
      spoiltStore(({ abilities = {} }) => {
        const { page } = abilities
        if (page === undefined) throw new Error("the store in memory counts with its pages")
        return { abilities: { ...abilities, page: (scan) => page({ ...scan, offset: 0 }) } }
      }),
      "lists"
    ],
    [
      "that does not look at what a plan checks",
      spoiltStore((driver) => ({ commit: (plan) => driver.commit({ ...plan, checks: [] }) })),
      "keys"
    ]
  ] as const)("the store laws catch a store %s", async ([, makeDriver, group]) => {
    const broken = await brokenBy(storeLaws(makeDriver))
    expect(broken.map((outcome) => outcome.group)).toContain(group)
  })
})

describe("checkLaws", () => {
  it("checkLaws says why a law is broken, and ends one that hangs", async () => {
    const laws = lawsIn("numbers", ({ it: law }) => {
      law("one is two", () => plainly(1).toBe(2))
      law.effect("never ends", () => Effect.never)
      law("one is one", () => plainly(1).toBe(1))
    })
    const outcomes = await checkLaws(laws, { timeoutMillis: 50 })
    expect(outcomes.map(({ fault }) => fault)).toEqual(["1 should be 2", "it did not end within 50 ms", undefined])
    expect(outcomesText(outcomes)).toContain("1 laws held, 2 broken")
  })

  it("checkLaws compares values like Vitest", () => {
    const same: ReadonlyArray<readonly [unknown, unknown]> = [
      [{ a: 1, b: undefined }, { a: 1 }],
      [new Uint8Array([1]), new Uint8Array([1])],
      [new Map([["a", [1]]]), new Map([["a", [1]]])]
    ]
    for (const [left, right] of same) plainly(left).toEqual(right)
    expect(() => plainly({ a: 1 }).toEqual({ a: 2 })).toThrow("should equal")
    expect(() => plainly({ a: undefined }).toStrictEqual({})).toThrow("strictly")
    expect(() => plainly([1]).toHaveLength(2)).toThrow("length 2")
    expect(() => plainly([1, 2]).toContain(3)).toThrow("contain")
    expect(() => plainly("a").toMatch(/b/)).toThrow("match")
    expect(() => plainly({ a: { b: 1 } }).toMatchObject({ a: { b: 2 } })).toThrow("have in it")
    expect(() => plainly(() => 1).toThrow()).toThrow("returned")
    expect(() => plainly(1).not.toBe(1)).toThrow("not be 1")
    expect(() => plainly(new Error("x")).toBeInstanceOf(RangeError)).toThrow("RangeError")
    expect(() => plainly(undefined).toBeDefined()).toThrow("defined")
    expect(() => plainly(2).toBeLessThan(1)).toThrow("less than 1")
  })
})
