/** The AWS dialect: a correct service passes, known faults of emulators are found, and missing operations are listed. */
import { afterEach, describe, expect, it } from "vitest"
import { overAws } from "../../src/conformance/adapters/aws/aws.ts"
import { aws as documented } from "../../src/conformance/dialects/dialects.ts"
import type { LawId } from "../../src/conformance/lawbook/laws.ts"
import type { ConformanceOptions, Phase } from "../../src/conformance/run/options.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import { startAwsFake } from "./awsFake.ts"
import type { FakeOptions } from "./awsFake.ts"

const phases: ReadonlyArray<Phase> = ["metamorphic", "bursts"]
/** Behind the service is Keystate, whose values of tags are shorter. */
const aws = { ...documented, longest: { description: 8192, tagKey: 128, tagValue: 128 } }

const bounded: ConformanceOptions = { seed: "aws", runs: 4, dialect: aws, phases }
const accessKey = { accessKeyId: "test", secretAccessKey: "test" }

const stops: Array<() => Promise<void>> = []
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop()
})

const fakeOf = async (options: FakeOptions = {}) => {
  const fake = await startAwsFake(options)
  stops.push(fake.stop)
  return { fake, adapter: await overAws({ endpoint: fake.endpoint, clock: Date.now, accessKey }) }
}

describe("an AWS-style service", () => {
  it("a correct AWS-style service passes, and the suite leaves only keys that wait for deletion", async () => {
    const { fake, adapter } = await fakeOf()
    const report = await runConformance(adapter, bounded)
    expect(report.counterexamples).toEqual([])
    expect(report.verdict).toBe("pass")
    const passed = report.laws.filter(({ status }) => status === "passed")
    expect(passed.length).toBeGreaterThan(60)
    // The documents of another vendor say nothing about this service.
    expect(passed.filter(({ source }) => !source.startsWith("AWS KMS"))).toEqual([])
    const { Keys } = await fake.kms.listKeys({ PageSize: 100 })
    expect(Keys.Key.length).toBeGreaterThan(5)
    for (const { KeyId } of Keys.Key) {
      expect((await fake.kms.describeKey({ KeyId })).KeyMetadata.KeyState).toBe("PendingDeletion")
    }
  })

  it.for([
    ["stateNotAsked", "KMS-LC-004", ["CreateKey", "DisableKey", "Encrypt"], ["exhaustive"]],
    ["enableFromAnyState", "KMS-LC-012", ["CreateKey", "ScheduleKeyDeletion", "EnableKey"], ["walks"]],
    ["anyWindow", "KMS-DEL-002", ["CreateKey", "ScheduleKeyDeletion"], ["metamorphic"]],
    [
      "cancelEnables",
      "KMS-DEL-007",
      ["CreateKey", "ScheduleKeyDeletion", "CancelKeyDeletion", "DescribeKey"],
      ["metamorphic"]
    ]
  ] as const satisfies ReadonlyArray<readonly [string, LawId, ...ReadonlyArray<unknown>]>)(
    "an AWS-style service with the fault %s breaks %s",
    async ([quirk, law, steps, needed]) => {
      const { adapter } = await fakeOf({ quirk })
      const report = await runConformance(adapter, { ...bounded, phases: needed, runs: 8, profiles: ["core"] })
      expect(report.exitCode).toBe(1)
      const found = report.counterexamples.find((counterexample) => counterexample.law === law)
      expect(found?.steps.map(({ operation }) => operation)).toEqual(steps)
      expect(found?.reproduced).toBe(true)
    }
  )

  it("a call that succeeds in place of its refusal breaks only the law of the refusal, also if it changes nothing", async () => {
    const { adapter } = await fakeOf({ quirk: "windowIgnored" })
    const report = await runConformance(adapter, { ...bounded, phases: ["walks"], runs: 30, profiles: ["core"] })
    expect(report.counterexamples.map(({ law }) => law)).toEqual(["KMS-DEL-002"])
  })

  it("a report about an AWS-style service uses its terms and the shortest counterexamples", async () => {
    const { adapter } = await fakeOf({ quirk: "stateNotAsked" })
    const report = await runConformance(adapter, { ...bounded, phases: ["bursts"], runs: 20, profiles: ["core"] })
    const found = report.counterexamples.find(({ law }) => law === "KMS-LC-004")
    expect(found?.source).toContain("AWS KMS Developer Guide")
    expect(found?.steps.map(({ text }) => text)).toEqual(["CreateKey", "DisableKey k1", 'Encrypt k1 "AA=="'])
    const last = found?.steps.at(-1)
    expect(last?.expected).toBe("DisabledException or KMSInvalidStateException")
    expect(last?.native).toEqual([
      {
        call: "Encrypt",
        request: { KeyId: last?.request["KeyId"], Plaintext: "AA==" },
        reply: expect.objectContaining({ CiphertextBlob: expect.stringMatching(/^\(\d+ bytes\)$/) })
      }
    ])
    // The simultaneous calls have no valid order only because of that fault.
    expect(report.counterexamples.map(({ law }) => law)).not.toContain<LawId>("KMS-CON-001")
    expect(report.laws.find(({ id }) => id === "KMS-LC-019")?.sentence).toContain("NotFoundException")
    expect(report.coverage.cells.find(({ operation }) => operation === "AsymmetricSign")?.called).toBeUndefined()
  })

  it("an AWS-style service without optional operations is tested without them, and the report says so", async () => {
    const { adapter } = await fakeOf({ lacks: ["GetParametersForImport", "ImportKeyMaterial", "ReEncrypt"] })
    expect(adapter.capabilities.profiles).not.toContain("import")
    const report = await runConformance(adapter, { ...bounded, phases: ["metamorphic"] })
    expect(report.verdict).toBe("pass")
    expect(report.skipped.map(({ what }) => what).join(" ")).toContain("ReEncrypt")
    expect(report.laws.filter(({ id }) => id === "KMS-IMP-004").map(({ status }) => status)).toEqual(["skipped"])
  })

  it("an AWS-style service that fails at unknown operations without an error code is tested without them", async () => {
    const { adapter } = await fakeOf({ crashesAt: ["GetParametersForImport", "ImportKeyMaterial", "TagResource"] })
    expect(adapter.capabilities.operations).not.toContain("GetParametersForImport")
    expect(adapter.capabilities.operations).not.toContain("TagResource")
    expect(adapter.capabilities.profiles).not.toContain("import")
    await adapter.stop()
  })

  it("an operation that fails without an error code for unknown keys only counts as present", async () => {
    const { adapter } = await fakeOf({ crashesAt: ["TagResource"], crashesOnlyForNobody: true })
    expect(adapter.capabilities.operations).toContain("TagResource")
    await adapter.stop()
  })

  it("a service that hangs up at a call breaks a law, and everything else is still tested", async () => {
    const hangsUpAt: Array<string> = []
    const { adapter } = await fakeOf({ hangsUpAt })
    hangsUpAt.push("UpdateKeyDescription")
    const report = await runConformance(adapter, { ...bounded, phases: ["metamorphic"], profiles: ["core"] })
    expect(report.verdict).toBe("violation")
    const found = report.counterexamples.find(({ law }) => law === "KMS-LC-026")
    expect(found?.finding).toBe("The service failed: 502 ConnectionClosed.")
    expect(found?.steps.map(({ operation }) => operation)).toEqual(["CreateKey", "UpdateKeyDescription"])
    expect(report.laws.find(({ id }) => id === "KMS-CTX-003")?.status).toBe("passed")
  })

  it("a service may move aliases only to keys of the same kind, or to any key", async () => {
    const { adapter } = await fakeOf({ quirk: "aliasesStayWithTheirKind" })
    const report = await runConformance(adapter, {
      ...bounded,
      phases: ["exhaustive"],
      profiles: ["core", "aliases", "asymmetric"]
    })
    expect(report.counterexamples).toEqual([])
  })

  it("a service without Decrypt fails the suite", async () => {
    const { adapter } = await fakeOf({ lacks: ["Decrypt"] })
    const report = await runConformance(adapter, { ...bounded, phases: ["metamorphic"], stopAfter: 1, shrink: false })
    expect(report.exitCode).toBe(1)
  })

  it("a service that cannot be reached is an error, and gets no verdict", async () => {
    await expect(
      overAws({ endpoint: "http://127.0.0.1:9", clock: Date.now, accessKey, timeoutMillis: 1000 })
    ).rejects.toThrow()
  })
})
