/** The adapters of transit engines and of Google Cloud KMS: a sound service passes, each seeded fault is named. */
import { afterEach, describe, expect, it } from "vitest"
import { overGoogle } from "../../src/conformance/adapters/google.ts"
import { overTransit } from "../../src/conformance/adapters/transit.ts"
import { google as documented } from "../../src/conformance/dialects/google.ts"
import { transit } from "../../src/conformance/dialects/transit.ts"
import type { LawId } from "../../src/conformance/lawbook/laws.ts"
import type { Phase } from "../../src/conformance/run/options.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import { plaintextMax, startGoogleFake } from "./googleFake.ts"
import type { GoogleFault } from "./googleFake.ts"
import { startTransitFake } from "./transitFake.ts"
import type { TransitFault } from "./transitFake.ts"

const google = { ...documented, plaintextBytes: { minimum: 0, maximum: plaintextMax } }

const stops: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const ofTransit = async (fault?: TransitFault) => {
  const fake = await startTransitFake(fault)
  stops.push(fake.stop)
  return overTransit({ endpoint: fake.endpoint, token: "root", clock: Date.now })
}

const ofGoogle = async (fault?: GoogleFault) => {
  const fake = await startGoogleFake(fault)
  stops.push(fake.stop)
  return overGoogle({ endpoint: fake.endpoint, clock: Date.now })
}

const phases: ReadonlyArray<Phase> = ["metamorphic", "bursts"]
const bounded = { seed: "other", runs: 4, phases } as const
const sought = {
  ...bounded,
  phases: ["metamorphic", "exhaustive"],
  stopAfter: 5,
  shrink: false,
  profiles: ["core"]
} as const
const withPairs = { ...sought, profiles: ["core", "asymmetric"] } as const

describe("a transit engine", () => {
  it("a correct transit engine passes, and the report lists what has no counterpart", async () => {
    const report = await runConformance(await ofTransit(), { ...bounded, dialect: transit })
    expect(report.counterexamples.map(({ law, finding }) => `${law} ${finding}`)).toEqual([])
    expect(report.verdict).toBe("pass")
    const passed = report.laws.filter(({ status }) => status === "passed")
    expect(passed.length).toBeGreaterThan(25)
    expect(passed.filter(({ source }) => !source.startsWith("OpenBao API"))).toEqual([])
    const skipped = report.skipped.map(({ what, why }) => `${what}: ${why}`).join("\n")
    expect(skipped).toContain("ScheduleKeyDeletion: the adapter does not have it")
    expect(skipped).toContain(
      "soft-delete (of a key that does not exist): A soft deletion of a key that does not exist"
    )
  })

  it.for([
    ["encryptsWhenDeleted", "KMS-LC-004"],
    ["decryptsWhenDeleted", "KMS-LC-003"],
    ["deletesNothing", "KMS-LC-010"],
    ["restoresNothing", "KMS-LC-009"],
    ["ignoresAssociatedData", "KMS-CTX-003"],
    ["listsOnlyTheFirst", "KMS-LC-020"]
  ] as const satisfies ReadonlyArray<readonly [TransitFault, LawId]>)(
    "a transit engine with the fault %s breaks %s",
    async ([fault, law]) => {
      const report = await runConformance(await ofTransit(fault), { ...sought, dialect: transit })
      expect(report.counterexamples.map((found) => found.law)).toContain(law)
    }
  )

  it.for([
    ["signsWhenDeleted", "KMS-LC-006"],
    ["verifiesEverything", "KMS-ASY-002"]
  ] as const satisfies ReadonlyArray<readonly [TransitFault, LawId]>)(
    "a transit engine with the fault %s breaks %s",
    async ([fault, law]) => {
      const report = await runConformance(await ofTransit(fault), { ...withPairs, dialect: transit })
      expect(report.counterexamples.map((found) => found.law)).toContain(law)
    }
  )

  it("a transit engine that refuses the token is an error, and gets no verdict", async () => {
    const fake = await startTransitFake()
    stops.push(fake.stop)
    const opening = overTransit({ endpoint: fake.endpoint, token: "wrong", clock: Date.now })
    await expect(opening).rejects.toThrow("No key can be created at transit: HTTP 403: permission denied")
  })
})

describe("a Google-style service", () => {
  it("a correct Google-style service passes, and the report lists what has no counterpart", async () => {
    const report = await runConformance(await ofGoogle(), { ...bounded, dialect: google })
    expect(report.counterexamples.map(({ law, finding }) => `${law} ${finding}`)).toEqual([])
    expect(report.verdict).toBe("pass")
    const passed = report.laws.filter(({ status }) => status === "passed")
    expect(passed.length).toBeGreaterThan(35)
    expect(passed.filter(({ source }) => !source.startsWith("Cloud KMS API"))).toEqual([])
    const skipped = report.skipped.map(({ what, why }) => `${what}: ${why}`).join("\n")
    expect(skipped).toContain("GenerateDataKey: the adapter does not have it")
    expect(skipped).toContain("The waiting period belongs to the key and not to the call.")
  })

  it.for([
    ["encryptsWhenDisabled", "KMS-LC-004"],
    ["decryptsWhenDisabled", "KMS-LC-003"],
    ["encryptsWhenScheduled", "KMS-DEL-004"],
    ["restoresToEnabled", "KMS-DEL-007"],
    ["destroysNothing", "KMS-DEL-001"],
    ["patchRevives", "KMS-LC-012"],
    ["ignoresAdditionalData", "KMS-CTX-003"]
  ] as const satisfies ReadonlyArray<readonly [GoogleFault, LawId]>)(
    "a Google-style service with the fault %s breaks %s",
    async ([fault, law]) => {
      const report = await runConformance(await ofGoogle(fault), { ...sought, dialect: google })
      expect(report.counterexamples.map((found) => found.law)).toContain(law)
    }
  )

  it("a Google-style service that signs with a disabled version breaks KMS-LC-006", async () => {
    const report = await runConformance(await ofGoogle("signsWhenDisabled"), {
      ...withPairs,
      stopAfter: 5,
      dialect: google
    })
    expect(report.counterexamples.map(({ law }) => law)).toContain<LawId>("KMS-LC-006")
  })

  it("the adapter for Google Cloud KMS refuses a malformed key ring", async () => {
    await expect(overGoogle({ endpoint: "http://127.0.0.1:9", keyRing: "ring", clock: Date.now })).rejects.toThrow(
      'A key ring is projects/…/locations/…/keyRings/…, not "ring".'
    )
  })
})
