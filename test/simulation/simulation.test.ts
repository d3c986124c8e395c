/** Simulations of the whole engine: a sample of seeds, the control, and properties of the simulator. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "vitest"
import { patched, root } from "../conformance/power/fault.ts"
import { missingIn } from "./coverage.ts"
import { engineFaults } from "./power/faults.ts"
import { makeLedger } from "./ledger.ts"
import { escapesOf } from "./escapes.ts"
import { drawScenario } from "./scenario.ts"
import type { Scenario } from "./scenario.ts"
import { kindOf, shrink } from "./shrink.ts"
import { sequenceOf } from "./sequence.ts"
import { simulate } from "./simulation.ts"

/** Engines without proof, with frequent calls and no other faults. */
const unproven = (seed: number): Scenario => ({
  ...drawScenario(seed, 2),
  isProven: false,
  faults: [],
  calls: 150,
  activities: ["switching", "use", "alias", "policy", "accessKey", "replay"]
})

const seeds = (count: number) => Array.from({ length: count }, (_, at) => at + 1)

/** Seeds that once failed, and what was wrong. */
const short = (seed: number): Scenario => ({ ...drawScenario(seed), years: 0 })
const mended: ReadonlyArray<readonly [Scenario, string]> = [
  [short(14), "an event that waited while the clock moved was dated before the one that came first"],
  [short(22), "material that expired during its import was answered with a defect"],
  [short(295), "an event that waited on one of three nodes was dated before the one that came first"],
  [drawScenario(3, 3), "machines that were suspended counted the time twice"],
  [drawScenario(60, 3), "machines that were suspended counted the time twice"]
]

describe("a simulated run", () => {
  it.each(mended.map(([scenario, why]) => ({ scenario, seed: scenario.seed, why })))(
    "the simulation of the once failing seed $seed breaks no law: $why",
    ({ scenario }) => {
      expect(simulate(scenario).violations).toEqual([])
    }
  )

  it.each(seeds(60))("the simulation of seed %i breaks no law", (seed) => {
    expect(simulate(drawScenario(seed)).violations).toEqual([])
  })

  it("the simulation gives the same trace for the same seed, and another trace for another", () => {
    const scenario = drawScenario(9)
    const { trace } = simulate(scenario)
    expect(simulate(scenario).trace).toEqual(trace)
    expect(simulate({ ...scenario, seed: 10 }).trace).not.toEqual(trace)
  })

  it("the simulation lives a hundred years of keys for each seed", () => {
    const years = seeds(20).map((seed) => simulate(drawScenario(seed, 3)).keyYears)
    expect(years.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(100 * years.length)
  })

  it("the simulation of years gives the same trace for the same seed", () => {
    const scenario = drawScenario(13, 3)
    expect(scenario.years).toBeGreaterThan(0)
    expect(simulate(scenario).trace).toEqual(simulate(scenario).trace)
  })

  it("the simulation uses no time, randomness or timer from outside", () => {
    simulate(drawScenario(1))
    const found = seeds(20).flatMap((seed) => escapesOf(() => void simulate(drawScenario(seed))))
    expect(found).toEqual([])
  })

  it("the test reports time and randomness from outside", () => {
    const found = escapesOf(() => {
      Date.now()
      crypto.randomUUID()
      setImmediate(() => undefined)
    })
    expect(found.map((escape) => escape.split(",")[0]).toSorted()).toEqual([
      "Date.now",
      "globalThis.setImmediate",
      "webcrypto.randomUUID"
    ])
  })

  it("the simulation breaks a law for nearly every seed without proof", () => {
    const rejected = seeds(12).filter((seed) => simulate(unproven(seed)).violations.length > 0)
    expect(rejected.length).toBeGreaterThanOrEqual(10)
  })

  it("the simulation shrinks a failure to a smaller one of the same kind", () => {
    const scenario = unproven(1)
    const outcome = simulate(scenario)
    const small = shrink(simulate, { scenario, outcome }, 40)
    expect(small.scenario.calls).toBeLessThan(scenario.calls)
    const kinds = new Set(outcome.violations.map(kindOf))
    expect(small.outcome.violations.some((violation) => kinds.has(kindOf(violation)))).toBe(true)
    expect(simulate(small.scenario).violations).toEqual(small.outcome.violations)
  })
})

/** A journal of one key that rotates each ten milliseconds. */
const rotating = () => {
  const ledger = makeLedger()
  const tell = (payload: object, at: number, state = "Enabled") =>
    ledger.take(
      {
        keyId: "k",
        seq: at,
        at,
        principal: "",
        requestId: "",
        previous: "",
        hash: "",
        payload: JSON.stringify(payload)
      },
      { state, clock: at, isMoving: false }
    )
  tell({ input: { origin: "Aliyun_KMS", rotationIntervalMillis: 10 } }, 0)
  return {
    ledger,
    tell,
    rotate: (at: number, dueAt: number) => tell({ event: { type: "RotationDue", at, dueAt } }, at)
  }
}

describe("the ledger of deadlines", () => {
  it("the ledger owes each rotation once, an interval after the one before", () => {
    const { ledger, rotate, tell } = rotating()
    expect(ledger.owedAt(9)).toEqual([])
    expect(ledger.owedAt(10)).toEqual([{ keyId: "k", kind: "RotationDue", dueAt: 10 }])
    expect(rotate(12, 10)).toEqual({ dueAt: 10, onTimeAt: 10 })
    expect(ledger.owedAt(21)).toEqual([])
    expect(rotate(22, 22)).toEqual({ dueAt: 22, onTimeAt: 22 })
    tell({ event: { type: "DisableKey", at: 23 } }, 23, "Disabled")
    expect(rotate(40, 32)).toBeUndefined()
  })

  it("the ledger owes expiry and deletion, counts how long a key lived, and owes nothing of a deleted key", () => {
    const { ledger, tell } = rotating()
    tell({ event: { type: "ImportKeyMaterial", at: 1, expiresAt: 5 } }, 1)
    tell({ event: { type: "ScheduleKeyDeletion", at: 2, dueAt: 7 } }, 2, "PendingDeletion")
    expect(ledger.owedAt(7).map(({ kind }) => kind)).toEqual(["DeletionDue", "MaterialExpired"])
    tell({ event: { type: "DeletionDue", at: 8, dueAt: 7 } }, 8, "Deleted")
    expect(ledger.owedAt(1000)).toEqual([])
    expect(ledger.livedUntil(1000)).toBe(8)
  })
})

describe("the diagram of a run", () => {
  it("the diagram of a simulation has a column for the store and one for each node", () => {
    expect(sequenceOf(["0 A starts", "12.25 the store commits ram: 2 writes", "13 B answers: Success (1)"], 2)).toBe(
      [
        "          ms the store                                    A                                            B",
        "         0.0                                              A starts",
        "        12.3 the store commits ram: 2 writes",
        "        13.0                                                                                           B answers: Success (1)"
      ].join("\n")
    )
  })
})

describe("the coverage of a campaign", () => {
  it("the coverage of a campaign names what did not happen", () => {
    expect(missingIn(new Map())).toContain("event DeletionDue")
    expect(missingIn(new Map([["event DeletionDue", 1]]))).not.toContain("event DeletionDue")
  })
})

describe("the seeded faults of the engine", () => {
  it.each(engineFaults)("the seeded fault $id applies to the sources", (fault) => {
    for (const { file } of fault.patches) {
      const source = readFileSync(new URL(file, root), "utf8")
      expect(patched(fault, file, source)).not.toBe(source)
    }
  })
})
