/** Services with one fault each: the suite names the broken law, and shows the shortest sequence. */
import { describe, expect, it } from "vitest"
import { inProcess } from "../../src/conformance/adapters/inProcess.ts"
import type { KmsAdapter } from "../../src/conformance/adapters/adapter.ts"
import type { ConformanceOptions } from "../../src/conformance/run/options.ts"
import { parseReplay, replay, replayOf } from "../../src/conformance/counterexamples/replay.ts"
import type { LawId } from "../../src/conformance/lawbook/laws.ts"
import type { Report } from "../../src/conformance/report/report.ts"
import { runConformance } from "../../src/conformance/run/run.ts"
import { reportText } from "../../src/conformance/report/terminal.ts"
import { faultyServices, small, unreachable } from "./faultyServices.ts"

const core: ConformanceOptions = { profiles: ["core"], phases: ["metamorphic", "exhaustive"] }
const quick: ConformanceOptions = { profiles: ["core", "aliases"], phases: ["metamorphic"] }

const brokenIn = ({ laws }: Report): ReadonlyArray<LawId> =>
  laws.filter(({ status }) => status === "broken").map(({ id }) => id)

const stepsOf = ({ counterexamples }: Report, law: LawId): ReadonlyArray<string> =>
  counterexamples
    .find((found) => found.law === law)
    ?.steps.map(({ text, got, after }) => [text, got, after].filter((part) => part !== "").join(" | ")) ?? []

describe("a service that decrypts when disabled", () => {
  it("a service that decrypts when disabled breaks only KMS-LC-003, in four steps", async () => {
    const report = await runConformance(faultyServices.decryptsWhenDisabled(), core)
    expect([report.verdict, report.exitCode, brokenIn(report)]).toEqual(["violation", 1, ["KMS-LC-003"]])
    expect(stepsOf(report, "KMS-LC-003")).toEqual([
      "CreateKey | → k1 | Enabled",
      'Encrypt k1 "AA==" | → c1 | Enabled',
      "DisableKey k1 | ok | Disabled",
      "Decrypt c1 | ok | Disabled"
    ])
    expect(report.counterexamples[0]?.steps.map(({ ok }) => ok)).toEqual([true, true, true, false])
  })

  it("a counterexample fails again on the faulty service, and passes on a correct one", async () => {
    const [found] = (await runConformance(faultyServices.decryptsWhenDisabled(), core)).counterexamples
    if (found === undefined) throw new Error("nothing was found")
    const file = parseReplay(JSON.stringify(replayOf(found, "alibaba")))
    expect((await replay(faultyServices.decryptsWhenDisabled(), file)).status).toBe("STILL FAILING")
    expect((await replay(inProcess(), file)).status).toBe("FIXED")
    expect((await replay(inProcess(), { ...file, steps: file.steps.slice(0, 1) })).status).toBe("INCONCLUSIVE")
  })
})

describe("services with one fault", () => {
  const cases: ReadonlyArray<readonly [string, () => KmsAdapter, ConformanceOptions, LawId, ReadonlyArray<string>]> = [
    [
      "leaves a cancelled key Disabled",
      faultyServices.cancelsToDisabled,
      quick,
      "KMS-DEL-007",
      [
        "CreateKey | → k1 | Enabled",
        "ScheduleKeyDeletion k1 | ok | PendingDeletion",
        "CancelKeyDeletion k1 | ok | Enabled",
        "DescribeKey k1 | ok | Enabled"
      ]
    ],
    [
      "forgets contexts",
      faultyServices.forgetsContexts,
      quick,
      "KMS-CTX-003",
      [
        "CreateKey | → k1 | Enabled",
        'Encrypt k1 "AA==" | → c1 | Enabled',
        "Decrypt c1 (in another context) | ok | Enabled"
      ]
    ],
    [
      "takes a window that is too short",
      faultyServices.takesShortWindows,
      quick,
      "KMS-DEL-002",
      ["CreateKey | → k1 | Enabled", "ScheduleKeyDeletion k1 (below the range) | ok | PendingDeletion"]
    ],
    [
      "fails inside",
      faultyServices.failsInside,
      quick,
      "KMS-LC-026",
      ["CreateKey | → k1 | Enabled", 'UpdateKeyDescription k1 "AA==" | InternalFailure | Enabled']
    ]
  ]
  it.each(cases)(
    "the suite finds the shortest sequence for a service that %s",
    async (_about, make, options, law, steps) => {
      const report = await runConformance(make(), options)
      expect(brokenIn(report)).toContain(law)
      expect(stepsOf(report, law)).toEqual(steps)
    }
  )

  it("a service that leaves a cancelled key Disabled breaks only KMS-DEL-007", async () => {
    const report = await runConformance(faultyServices.cancelsToDisabled(), {
      ...core,
      phases: ["exhaustive", "walks"],
      runs: 60
    })
    expect(brokenIn(report)).toEqual<ReadonlyArray<LawId>>(["KMS-DEL-007"])
  })

  it("a service that never moves an alias breaks KMS-AL-009", async () => {
    const report = await runConformance(faultyServices.neverMovesAliases(), quick)
    expect(report.verdict).toBe("violation")
    expect(brokenIn(report)).toContain<LawId>("KMS-AL-009")
  })

  it.each([
    ["joins the pairs of a context without their lengths", faultyServices.joinsContexts, "KMS-CTX-015"],
    ["cuts descriptions after 256 characters", faultyServices.cutsDescriptions, "KMS-LC-021"],
    ["drops aliases when a deletion is cancelled", faultyServices.dropsAliasesOnCancel, "KMS-AL-001"],
    [
      "makes data keys under the key that an alias stood for first",
      faultyServices.makesDataKeysByOldAliases,
      "KMS-CTX-007"
    ]
  ] as const)("the suite names the law for a service that %s", async (_does, make, law) => {
    const report = await runConformance(make(), { ...quick, stopAfter: 4 })
    const found = report.counterexamples.find((one) => one.law === law)
    if (found === undefined) throw new Error(`${law} was not named, but ${brokenIn(report).join(", ")}`)
    const file = replayOf(found, "alibaba")
    expect((await replay(make(), file)).status).toBe("STILL FAILING")
    expect((await replay(inProcess(), file)).status).toBe("FIXED")
  })

  it("the suite catches a service that answers DisableKey before disabling the key", async () => {
    const report = await runConformance(faultyServices.disablesLate(), {
      profiles: ["core"],
      phases: ["bursts"],
      runs: 40
    })
    // The answer is late for sequential calls too: then a simpler law breaks first, in a sequence without a burst.
    const told = report.counterexamples.map(({ law, phase, steps }) => [law, phase, steps.length] as const)
    const laws: ReadonlyArray<LawId | undefined> = [
      "KMS-CON-002",
      "KMS-LC-003",
      "KMS-LC-004",
      "KMS-LC-005",
      "KMS-LC-010"
    ]
    expect(laws).toContain(told[0]?.[0])
    expect(told[0]?.[2]).toBeLessThanOrEqual(5)
  })
})

describe("a conformance run", () => {
  it("a conformance run finds the same counterexamples each time", async () => {
    const once = async () => {
      const { elapsedMillis: _elapsed, ...report } = await runConformance(faultyServices.forgetsContexts(), {
        ...quick,
        phases: ["metamorphic", "walks"],
        runs: 10
      })
      return JSON.stringify(report.counterexamples.map(({ steps, law }) => [law, steps.map(({ text }) => text)]))
    }
    expect(await once()).toBe(await once())
  })

  it("a conformance run with only known broken laws passes, and names a known law that holds", async () => {
    // The accepted window is extended, so the date of the deletion differs from the requested one.
    const known = ["KMS-DEL-002", "KMS-DEL-016", "KMS-LC-003"] as const
    const report = await runConformance(faultyServices.takesShortWindows(), { ...quick, known })
    const status = (id: string) => report.laws.find((law) => law.id === id)?.status
    expect([report.verdict, status("KMS-DEL-002")]).toEqual(["pass", "known"])
    const exhaustive = await runConformance(inProcess(), { ...core, known: ["KMS-LC-003"] })
    expect(exhaustive.warnings).toContain("KMS-LC-003 was expected to be broken, and is not.")
  })

  it("a conformance run is an error when the adapter fails", async () => {
    const report = await runConformance(unreachable(), quick)
    expect([report.verdict, report.exitCode, report.error]).toEqual(["error", 2, "connection refused"])
  })

  it("a conformance run is inconclusive when nothing was tested", async () => {
    const report = await runConformance(inProcess(), { phases: [] })
    expect([report.verdict, report.exitCode]).toEqual(["inconclusive", 3])
  })

  it("a conformance run lists absent operations, and passes no law that needs them", async () => {
    const report = await runConformance(small(), { phases: ["metamorphic", "exhaustive"] })
    const of = (id: LawId) => report.laws.find((law) => law.id === id)
    expect(report.verdict).toBe("pass")
    expect(report.skipped).toContainEqual({ what: "ScheduleKeyDeletion", why: "the adapter does not have it" })
    expect(of("KMS-DEL-001")).toMatchObject({
      status: "skipped",
      reason: "ScheduleKeyDeletion is not there",
      exercised: 0
    })
    expect(of("KMS-LC-003")).toMatchObject({ status: "passed" })
    expect(reportText(report)).toContain("ScheduleKeyDeletion")
  })

  it("a conformance run stops when its time is over, and says so", async () => {
    const report = await runConformance(inProcess(), { budgetMillis: 300, runs: 5000 })
    expect([report.cutShort, report.warnings.includes("The time was over before everything was run.")]).toEqual([
      true,
      true
    ])
  })
})
