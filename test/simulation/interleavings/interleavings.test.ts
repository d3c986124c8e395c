/** Operations that meet in every order: a sample of the meetings, the control, and the enumeration itself. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { spreadOf } from "../../sample.ts"
import { walk } from "./enumeration.ts"
import type { Path } from "./enumeration.ts"
import { interleave } from "./interleave.ts"
import { meetingsOf } from "./meetings.ts"

describe("operations in every order", () => {
  it.each(spreadOf(meetingsOf("memory", 2, 0), 4))(
    "operations in every order break no law on a memory store: $before, then $operations",
    (meeting) => {
      expect(interleave(meeting, 60).violations).toEqual([])
    }
  )

  it.each(spreadOf(meetingsOf("nodes", 2, 1), 3))(
    "operations in every order break no law on two nodes: $before, then $operations",
    (meeting) => {
      expect(interleave(meeting, 20).violations).toEqual([])
    }
  )

  it("the search of orders reaches the last order", () => {
    const operations = ["EnableKey", "DisableKey"] as const
    const walked = interleave({ setting: "memory", sort: "own", before: [], operations, failures: 0 })
    expect(walked).toMatchObject({ isComplete: true, violations: [] })
    expect(walked.paths).toBeGreaterThan(2)
  })

  it("the search of orders finds a change visible before its sync, and a lost update", async () => {
    const run = fileURLToPath(new URL("run.ts", import.meta.url))
    const findings = async (...options: ReadonlyArray<string>): Promise<string> => {
      const words = [run, "--json", ...options]
      const failed: unknown = await promisify(execFile)(process.execPath, words).catch((failure: unknown) => failure)
      const told: { readonly stdout: string } = failed as never
      return told.stdout
    }
    const shown = ["--settings", "memory", "--only", "DisableKey,DescribeKey", "--failures", "1"]
    expect(await findings("--fault", "shown-before-durable", ...shown)).toContain("which is not durable")
    const lost = ["--settings", "nodes", "--only", "EnableKey,DisableKey"]
    expect(await findings("--fault", "lost-update", ...lost)).toContain('"failed":1')
  })
})

/** What each step of a machine does: to the store that all share, or to nothing. */
type Program = ReadonlyArray<"reads" | "writes" | "nothing">

/** Runs the programs beside each other. Answers in which order the store saw them. */
const runPrograms = (programs: Readonly<Record<string, Program>>, path: Path): string => {
  const left = Object.entries(programs).map(([machine, program]) => ({ machine, program, order: 0 }))
  const seen: Array<string> = []
  for (;;) {
    const ready = left.filter(({ order, program }) => order < program.length)
    if (ready.length === 0) return seen.join(" ")
    const next = ready[path.step(ready.map(({ machine, order }) => ({ machine, order })))]
    if (next === undefined) throw new Error("a step that is not ready was chosen")
    const step = next.program[next.order++]
    if (step === undefined || step === "nothing") continue
    path.did(step)
    seen.push(`${next.machine} ${step}`)
  }
}

const ordersOf = (programs: Readonly<Record<string, Program>>) => {
  const orders: Array<string> = []
  const { paths } = walk((path) => {
    orders.push(runPrograms(programs, path))
    return true
  })
  return { paths, orders: new Set(orders) }
}

describe("the search of orders", () => {
  it("the search of orders tries every order of steps that depend on each other", () => {
    const { orders, paths } = ordersOf({ A: ["writes", "writes"], B: ["writes", "writes"] })
    expect(orders.size).toBe(6)
    expect(paths).toBe(6)
  })

  it("the search of orders tries one order of independent steps", () => {
    expect(ordersOf({ A: ["nothing", "nothing"], B: ["nothing", "nothing"], C: ["reads"] }).paths).toBe(1)
    expect(ordersOf({ A: ["reads", "reads"], B: ["reads"] }).paths).toBe(1)
  })

  it("the search of orders skips no order that the store can distinguish", () => {
    const { orders, paths } = ordersOf({
      A: ["nothing", "reads", "nothing", "writes"],
      B: ["nothing", "writes", "nothing"],
      C: ["reads", "nothing"]
    })
    // The write of B comes before, between or after the two calls of A; C reads before or after each write.
    const told = new Set([...orders].map((order) => order.replaceAll("C reads", "").replaceAll(/ +/g, " ").trim()))
    expect(told).toEqual(
      new Set(["B writes A reads A writes", "A reads B writes A writes", "A reads A writes B writes"])
    )
    expect(paths).toBe(9)
  })
})
