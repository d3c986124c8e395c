/** The power of the conformance suite: which seeded faults it finds, and by which law. */
/*
 * `power.ts [fault…]` tries all faults, or those that are named.
 * `power.ts --list` prints the faults, their classes and the laws that must name them, and runs nothing.
 */
import { fork } from "node:child_process"
import { fileURLToPath } from "node:url"
import { patience } from "../../patience.ts"
import { allFaults } from "./faults.ts"
import type { Seeded } from "./faults.ts"
import type { Ground } from "./fault.ts"
import type { Verdict } from "./trial.ts"

/** The time limit of a trial: an engine that never answers makes the suite wait. */
const trialMillis = 2 * patience
const atOnce = 2

const trialFile = fileURLToPath(new URL("trial.ts", import.meta.url))

const failed = (finding: string): Verdict => ({
  outcome: "error",
  law: "",
  laws: [],
  finding,
  phase: "",
  calls: 0,
  steps: [],
  unused: []
})

/** Runs one trial in a separate process. */
export const trial = (...args: ReadonlyArray<string>): Promise<Verdict> =>
  new Promise((resolve) => {
    const child = fork(trialFile, args, { stdio: ["ignore", "ignore", "pipe", "ipc"] })
    let stderr = ""
    let answered: Verdict | undefined
    child.stderr?.on("data", (chunk: Buffer) => {
      stderr = (stderr + chunk.toString()).slice(-600)
    })
    const timer = setTimeout(() => child.kill("SIGKILL"), trialMillis)
    child.on("message", (verdict: Verdict) => {
      answered = verdict
    })
    child.on("exit", (code, signal) => {
      clearTimeout(timer)
      resolve(answered ?? failed(`the trial ended with ${signal ?? code}: ${stderr.trim()}`))
    })
  })

const isNamed = ({ fault }: Seeded, { laws }: Verdict): boolean => laws.includes(fault.law)

interface Row {
  readonly seeded: Seeded
  readonly verdict: Verdict
}

const cell = (text: string, width: number): string => text.padEnd(width)

const resultOf = (seeded: Seeded, verdict: Verdict): string => {
  if (verdict.outcome !== "caught") return "ESCAPED"
  return isNamed(seeded, verdict) ? "caught " : "MISNAMED"
}

const line = ({ seeded, verdict }: Row): string => {
  const { fault, of } = seeded
  return [
    resultOf(seeded, verdict),
    cell(fault.id, 42),
    cell(of, 14),
    cell(verdict.law, 12),
    cell(`${verdict.calls} calls`, 12),
    verdict.outcome === "caught" ? `${verdict.steps.length} steps` : verdict.finding
  ].join(" ")
}

const inTurns = async <A, B>(items: ReadonlyArray<A>, work: (item: A) => Promise<B>): Promise<void> => {
  const rest = items.values()
  const worker = async (): Promise<void> => {
    for (const item of rest) await work(item)
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
}

const listing = (): string =>
  [
    ...allFaults.map(({ fault, of }) => [cell(fault.id, 42), cell(of, 14), cell(fault.law, 12), fault.does].join(" ")),
    `${allFaults.length} faults`
  ].join("\n")

const main = async (wanted: ReadonlyArray<string>): Promise<number> => {
  if (wanted.includes("--list")) {
    process.stdout.write(`${listing()}\n`)
    return 0
  }
  const began = performance.now()
  const unknown = wanted.filter((id) => id !== "control" && !allFaults.some(({ fault }) => fault.id === id))
  if (unknown.length > 0) {
    process.stderr.write(`no such fault: ${unknown.join(", ")}\n`)
    return 1
  }
  let wrong = 0
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  if (wanted.length === 0 || wanted.includes("control")) {
    await inTurns(["memory", "disk", "restarts", "http"] satisfies ReadonlyArray<Ground>, async (ground) => {
      const verdict = await trial("control", ground)
      if (verdict.outcome !== "clean") wrong++
      say(
        `control ${cell(ground, 12)} ${verdict.outcome} after ${verdict.calls} calls ${verdict.law} ${verdict.finding}`
      )
      for (const step of verdict.steps) say(`        ${step}`)
    })
  }
  const chosen = allFaults.filter(({ fault }) => wanted.length === 0 || wanted.includes(fault.id))
  await inTurns(chosen, async (seeded) => {
    const verdict = await trial(seeded.fault.id)
    const isCaught = verdict.outcome === "caught" && verdict.unused.length === 0 && isNamed(seeded, verdict)
    if (!isCaught) wrong++
    say(line({ seeded, verdict }))
    if (verdict.unused.length > 0) say(`        never loaded: ${verdict.unused.join(", ")}`)
    if (wanted.length > 0) for (const step of verdict.steps) say(`        ${step}`)
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  say(`${chosen.length} faults, ${wrong} escaped or failed, ${seconds} s`)
  return wrong > 0 ? 1 : 0
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
