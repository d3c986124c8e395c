/** The power of the conformance suite: which seeded faults it finds, and by which law. */
import { fork } from "node:child_process"
import { writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { laws } from "../../../src/conformance/lawbook/laws.ts"
import type { LawId } from "../../../src/conformance/lawbook/laws.ts"
import { readSeeded, seededFile } from "../../../src/development/docs/laws/seeded.ts"
import type { Seeded, SeededExample } from "../../../src/development/docs/laws/seeded.ts"
import { patience } from "../../patience.ts"
import { answerHelp } from "../../programOptions.ts"
import { allFaults } from "./faults.ts"
import type { Seeded as SeededFault } from "./faults.ts"
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
  text: "",
  kinds: {},
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

const isNamed = ({ fault }: SeededFault, { laws: broken }: Verdict): boolean => broken.includes(fault.law)

interface Row {
  readonly seeded: SeededFault
  readonly verdict: Verdict
}

const cell = (text: string, width: number): string => text.padEnd(width)

const resultOf = (seeded: SeededFault, verdict: Verdict): string => {
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

/** What each fault does, by the law that must name it. */
export const faultsByLaw = (): Seeded["faults"] =>
  Object.fromEntries(
    laws.flatMap(({ id }) => {
      const does = allFaults.filter(({ fault }) => fault.law === id).map(({ fault }) => fault.does)
      return does.length === 0 ? [] : [[id, does]]
    })
  )

/** Which kinds of key each law was tested on, in all trials of the engine without a fault. */
const kindsIn = (controls: ReadonlyArray<Verdict>): Seeded["kinds"] =>
  Object.fromEntries(
    laws.flatMap(({ id }) => {
      const kinds = new Set(controls.flatMap((control) => control.kinds[id] ?? []))
      return kinds.size === 0 ? [] : [[id, [...kinds].toSorted()] as const]
    })
  )

/** Writes the shortest counterexample of each law. A law without one in these rows keeps the one that it has. */
const writeExamples = (rows: ReadonlyArray<Row>, controls: ReadonlyArray<Verdict>): void => {
  const { examples: before, kinds } = readSeeded()
  const shortestFirst = rows.toSorted((left, right) => left.verdict.steps.length - right.verdict.steps.length)
  const examples: Array<readonly [LawId, SeededExample]> = laws.flatMap(({ id }) => {
    const row = shortestFirst.find(({ seeded, verdict }) => seeded.fault.law === id && verdict.law === id)
    const example = row === undefined ? before[id] : { does: row.seeded.fault.does, text: row.verdict.text.split("\n") }
    return example === undefined ? [] : [[id, example] as const]
  })
  const seeded: Seeded = {
    faults: faultsByLaw(),
    kinds: controls.length === 0 ? kinds : kindsIn(controls),
    examples: Object.fromEntries(examples)
  }
  writeFileSync(seededFile, `${JSON.stringify(seeded, null, 1)}\n`)
}

const main = async (args: ReadonlyArray<string>): Promise<number> => {
  answerHelp({
    command: "npm run conformance:power -- [FAULT...] [options]",
    does: "Says which seeded faults the conformance suite finds, and by which law.",
    options: {
      list: { type: "boolean", about: "prints the faults, their classes and their laws, and runs nothing" },
      examples: { type: "boolean", about: "also writes the counterexamples that the pages of the laws show" }
    }
  })
  const wanted = args.filter((arg) => arg !== "--examples")
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
  const controls: Array<Verdict> = []
  const say = (text: string): void => void process.stdout.write(`${text}\n`)
  if (wanted.length === 0 || wanted.includes("control")) {
    await inTurns(["memory", "disk", "restarts", "http"] satisfies ReadonlyArray<Ground>, async (ground) => {
      const verdict = await trial("control", ground)
      controls.push(verdict)
      if (verdict.outcome !== "clean") wrong++
      say(
        `control ${cell(ground, 12)} ${verdict.outcome} after ${verdict.calls} calls ${verdict.law} ${verdict.finding}`
      )
      for (const step of verdict.steps) say(`        ${step}`)
    })
  }
  const rows: Array<Row> = []
  const chosen = allFaults.filter(({ fault }) => wanted.length === 0 || wanted.includes(fault.id))
  await inTurns(chosen, async (seeded) => {
    const verdict = await trial(seeded.fault.id)
    const isCaught = verdict.outcome === "caught" && verdict.unused.length === 0 && isNamed(seeded, verdict)
    if (isCaught) rows.push({ seeded, verdict })
    else wrong++
    // The file is complete as far as the run got.
    if (args.includes("--examples")) writeExamples(rows, controls)
    say(line({ seeded, verdict }))
    if (verdict.unused.length > 0) say(`        never loaded: ${verdict.unused.join(", ")}`)
    if (wanted.length > 0) for (const step of verdict.steps) say(`        ${step}`)
  })
  const seconds = Math.round((performance.now() - began) / 1000)
  say(`${chosen.length} faults, ${wrong} escaped or failed, ${seconds} s`)
  return wrong > 0 ? 1 : 0
}

if (import.meta.main) process.exitCode = await main(process.argv.slice(2))
