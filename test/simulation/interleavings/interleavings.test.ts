/** Operations that meet in every order: a sample of the meetings, the control, and the enumeration itself. */
import { execFile } from "node:child_process"
import { fileURLToPath } from "node:url"
import { promisify } from "node:util"
import { describe, expect, it } from "vitest"
import { spreadOf } from "../../sample.ts"
import { everything } from "./cells.ts"
import { walk } from "./enumeration.ts"
import type { Footprint, Path } from "./enumeration.ts"
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

type Step = "reads" | "writes" | "nothing" | "calls" | "answers"

/** The steps of fibers. A name begins with the machine: two fibers of one machine share its memory. */
type Programs = Readonly<Record<string, ReadonlyArray<Step>>>

interface Sides {
  /** Cells that each step reads or writes; one for all by default. */
  readonly cellOf?: (fiber: string) => string
  /** Whether steps at the store use the memory of their machine. */
  readonly usesMemory?: boolean
}

const takeEffect = (did: Footprint | undefined, step: Step, cell: string, usesMemory: boolean): void => {
  if (did === undefined || step === "nothing") return
  if (step === "calls" || step === "answers") did[step] = true
  else {
    did[step].add(cell)
    did.usesMemory = usesMemory
  }
}

/** Runs the programs beside each other. Answers the order of the steps that do something. */
const runPrograms = (programs: Programs, path: Path, { cellOf, usesMemory = true }: Sides): string => {
  const left = Object.entries(programs).map(([fiber, program]) => ({ fiber, program, at: 0 }))
  const seen: Array<string> = []
  for (;;) {
    const ready = left.filter(({ at, program }) => at < program.length)
    if (ready.length === 0) return seen.join(" ")
    const next = ready[path.step(ready.map(({ fiber, at }) => ({ machine: fiber, order: at, name: `${fiber} ${at}` })))]
    if (next === undefined) throw new Error("a step that is not ready was chosen")
    const step = next.program[next.at++]
    if (step === undefined || step === "nothing") continue
    takeEffect(path.running(), step, cellOf?.(next.fiber) ?? "keys/1", usesMemory)
    seen.push(`${next.fiber} ${step}`)
  }
}

const ordersOf = (programs: Programs, sides: Sides = {}) => {
  const orders: Array<string> = []
  const { paths } = walk((path) => {
    orders.push(runPrograms(programs, path, sides))
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

  it("the search of orders tries one order of changes of different rows, and both of a row and its table", () => {
    const programs: Programs = { A: ["writes"], B: ["writes"] }
    expect(ordersOf(programs, { cellOf: (fiber) => `keys/${fiber}` }).paths).toBe(1)
    expect(ordersOf(programs, { cellOf: (fiber) => (fiber === "A" ? "keys/*" : "keys/1") }).paths).toBe(2)
    expect(ordersOf(programs, { cellOf: (fiber) => (fiber === "A" ? everything : "keys/1") }).paths).toBe(2)
  })

  it("the search of orders tries every order of two fibers of a machine, except of their steps at the store", () => {
    const programs: Programs = { "A one": ["reads", "nothing"], "A two": ["nothing"] }
    expect(ordersOf(programs).paths).toBe(3)
    expect(ordersOf(programs, { usesMemory: false }).paths).toBe(2)
  })

  it("the search of orders distinguishes whether a call began after an answer", () => {
    expect(ordersOf({ A: ["calls", "answers"], B: ["calls", "answers"] }).paths).toBe(3)
    const operations = ["DescribeKey", "DescribeKey"] as const
    const walked = interleave({ setting: "nodes", sort: "own", before: [], operations, failures: 0 })
    expect(walked).toMatchObject({ paths: 3, isComplete: true, violations: [] })
  })
})
