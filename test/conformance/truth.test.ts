/** Counterexamples are replayed before they are shown, and the report gives the result of the replay. */
import { expect, it } from "vitest"
import type { KmsAdapter } from "../../src/conformance/adapters/adapter.ts"
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import { parseReplay, replay, replayOf, replaySchema } from "../../src/conformance/counterexamples/replay.ts"
import { counterexampleText } from "../../src/conformance/report/terminal.ts"
import { provenanceOf } from "../../src/conformance/report/provenance.ts"
import type { Counterexample } from "../../src/conformance/report/report.ts"
import type { ConformanceOptions } from "../../src/conformance/run/options.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import type { Step } from "../../src/conformance/steps/step.ts"
import { faultyServices } from "./faultyServices.ts"

/** A service that the suite cannot empty, so that keys are reused. */
const kept = (adapter: KmsAdapter): KmsAdapter => ({
  ...adapter,
  capabilities: { ...adapter.capabilities, reset: "namespace" }
})

/** Acknowledges the ninth DisableKey of a key and does nothing. */
const wearsOut = (): KmsAdapter => {
  const honest = inProcess()
  const counts = new Map<unknown, number>()
  return {
    ...honest,
    name: "wears out",
    call: async (operation, request, ...caller) => {
      if (operation !== "DisableKey") return honest.call(operation, request, ...caller)
      const count = (counts.get(request["KeyId"]) ?? 0) + 1
      counts.set(request["KeyId"], count)
      return count === 9 ? { ok: true, response: {} } : honest.call(operation, request, ...caller)
    }
  }
}

/** Answers one DescribeKey with another state, once. */
const failsOnce = (): KmsAdapter => {
  const honest = inProcess()
  let looks = 0
  return {
    ...honest,
    name: "fails once",
    call: async (operation, request, ...caller) => {
      if (operation !== "DescribeKey" || ++looks !== 5) return honest.call(operation, request, ...caller)
      return { ok: true, response: { KeyMetadata: { KeyId: request["KeyId"], KeyState: "PendingDeletion" } } }
    }
  }
}

const core: ConformanceOptions = { profiles: ["core"], phases: ["metamorphic", "exhaustive"], stopAfter: 1 }

it("a counterexample shows earlier sequences if the fault comes from a key's history", async () => {
  const report = await runConformance(kept(wearsOut()), core)
  const [found] = report.counterexamples
  expect(found).toMatchObject({ withHistory: true, reproduced: true, replayed: "newKeys" })
  expect(found?.steps.filter(({ operation }) => operation === "DisableKey").length).toBeGreaterThanOrEqual(9)
  if (found === undefined) throw new Error("nothing was found")
  expect(counterexampleText(found)).toContain("The keys were used by earlier sequences")
  const file = parseReplay(JSON.stringify(replayOf(found, "alibaba")))
  expect((await replay(kept(wearsOut()), file)).status).toBe("STILL FAILING")
  expect((await replay(kept(inProcess()), file)).status).toBe("FIXED")
})

it("a fault that happened once is reported as seen once, with all its steps", async () => {
  const report = await runConformance(failsOnce(), core)
  const [found] = report.counterexamples
  expect(found).toMatchObject({ reproduced: false, replayed: "no", withHistory: false, shrinking: "off" })
  expect(found?.steps.length).toBe(found?.shrunkFrom)
  expect(found === undefined ? "" : counterexampleText(found)).toContain("Seen once, not reproduced")
})

it("every counterexample replays as STILL FAILING on the faulty service, and as FIXED on a correct one", async () => {
  const report = await runConformance(faultyServices.neverMovesAliases(), {
    profiles: ["core", "aliases"],
    phases: ["metamorphic"]
  })
  expect(report.counterexamples.length).toBeGreaterThan(2)
  for (const found of report.counterexamples) {
    expect(found).toMatchObject({ reproduced: true, replayed: "newService", shrinking: "done" })
    const file = replayOf(found, "alibaba")
    expect([found.law, (await replay(faultyServices.neverMovesAliases(), file)).status]).toEqual([
      found.law,
      "STILL FAILING"
    ])
    expect([found.law, (await replay(inProcess(), file)).status]).toEqual([found.law, "FIXED"])
  }
})

it("the suite does not confuse the use of another key by an alias with a revoked key", async () => {
  const [k1, k2, a1] = ["k1", "k2", "a1"]
  const steps: ReadonlyArray<Step> = [
    { op: "CreateKey", makes: k1 },
    { op: "CreateKey", makes: k2 },
    { op: "DisableKey", key: k1, burst: 1, client: 1 },
    { op: "CreateAlias", key: k2, alias: a1, burst: 1, client: 2 },
    { op: "Encrypt", by: a1, text: "AA==", burst: 1, client: 2 },
    { op: "Encrypt", key: k1, text: "AA==", burst: 1, client: 1 }
  ]
  const file = { schema: replaySchema, law: "KMS-CON-002", dialect: "alibaba", seed: "s", steps } as const
  expect(await replay(inProcess(), file)).toMatchObject({ status: "FIXED", finding: "" })
})

it("the failed step shows the request, both answers and both states", async () => {
  const report = await runConformance(faultyServices.cancelsToDisabled(), { ...core, phases: ["metamorphic"] })
  const [found] = report.counterexamples
  const failed = found?.steps.at(-1)
  expect(failed).toMatchObject({ operation: "DescribeKey", got: "ok", after: "Enabled", told: "Disabled", ok: false })
  const text = found === undefined ? "" : counterexampleText(found)
  expect(text).toContain("✗ The key is Disabled; it should be Enabled.")
  expect(text).toMatch(/request {3}\{"KeyId":"[0-9a-f-]{36}"\}/)
  expect(text).toContain("expected  Success, with a reply that keeps the law")
  expect(text).toMatch(/answered {2}Success {2}\{.*"KeyState":"Disabled"/)
  expect(text).toContain("state     Enabled by the model, Disabled by the service")
})

it("the text distinguishes an untried replay, a replay without a break, and missing time", () => {
  const found = {
    phase: "walks",
    seed: "s",
    shrunkFrom: 9,
    steps: Array(9),
    withHistory: false
  } as unknown as Counterexample
  const says = (more: Partial<Counterexample>): string => provenanceOf({ ...found, ...more })
  expect(says({ replayed: "untried", shrinking: "off", reproduced: false })).toMatch(/^Not replayed: the time/)
  expect(says({ replayed: "no", shrinking: "off", reproduced: false })).toMatch(/^Seen once, not reproduced/)
  expect(says({ replayed: "newKeys", shrinking: "outOfTime", reproduced: true })).toContain(
    "Not shrunk for lack of time."
  )
})

/** Accepts 20 keys, and declares that quota. */
const takesFewKeys = (): KmsAdapter => {
  const honest = inProcess()
  let made = 0
  return {
    ...honest,
    capabilities: { ...honest.capabilities, quotas: { keys: 20 } },
    start: async (seed) => {
      made = 0
      await honest.start(seed)
    },
    call: async (operation, request, ...caller) => {
      if (operation !== "CreateKey" || caller[1] !== undefined) return honest.call(operation, request, ...caller)
      if (made >= 20) return { ok: false, code: "Rejected.LimitExceeded", httpStatus: 400 }
      const answer = await honest.call(operation, request, ...caller)
      if (answer.ok) made++
      return answer
    }
  }
}

it("the suite deletes keys of a service with a small quota before the quota is full", async () => {
  const report = await runConformance(takesFewKeys(), { profiles: ["core", "quotas"], phases: ["metamorphic"] })
  expect(report.warnings.filter((warning) => warning.includes("accepts no more keys"))).toEqual([])
  expect(report.laws.find(({ id }) => id === "KMS-QUO-002")?.status).toBe("passed")
})
