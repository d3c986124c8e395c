/** One trial in a separate process: the suite against an engine with one fault, or with none. `trial.ts <fault|control ground>` */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { overHttp } from "../../../src/conformance/adapters/http.ts"
import type * as InProcess from "../../../src/conformance/adapters/inProcess.ts"
import type { KmsAdapter } from "../../../src/conformance/adapters/adapter.ts"
import type { LawId } from "../../../src/conformance/lawbook/laws.ts"
import type { ConformanceOptions, Phase } from "../../../src/conformance/run/options.ts"
import type { Report } from "../../../src/conformance/report/report.ts"
import { counterexampleText } from "../../../src/conformance/report/terminal.ts"
import { runConformance } from "../../../src/conformance/run/run.ts"
import type * as Fixture from "../../guide/serverFixture.ts"
import { patience } from "../../patience.ts"
import { breakEngine, importFaulty, loaded } from "./broken.ts"
import { groundOf } from "./fault.ts"
import type { Ground } from "./fault.ts"
import { allFaults } from "./faults.ts"
import { restarting } from "./restarting.ts"

export interface Verdict {
  /** `error` means that the suite could not continue, which does not count as caught. */
  readonly outcome: "caught" | "clean" | "error"
  readonly law: LawId | ""
  /** All laws that broke. */
  readonly laws: ReadonlyArray<LawId>
  readonly finding: string
  readonly phase: string
  /** Calls until the first law broke, or in all. */
  readonly calls: number
  readonly steps: ReadonlyArray<string>
  /** The counterexample, as a terminal shows it. */
  readonly text: string
  /** The kinds of key that each law was tested on. */
  readonly kinds: Readonly<Record<string, ReadonlyArray<string>>>
  /** Patched files that were not loaded. */
  readonly unused: ReadonlyArray<string>
}

const [, , name = "", given = ""] = process.argv
const seeded = allFaults.find(({ fault }) => fault.id === name)
const ground: Ground = seeded === undefined ? (given as Ground) : groundOf[seeded.of]
breakEngine(seeded?.fault)

interface Place {
  readonly adapter: KmsAdapter
  readonly phases: ReadonlyArray<Phase>
  readonly runs: number
  readonly leave: () => Promise<void>
}

const inMemory = async (): Promise<Place> => {
  const { inProcess } = (await importFaulty("src/conformance/adapters/inProcess.ts")) as typeof InProcess
  return {
    adapter: inProcess(),
    phases: ["metamorphic", "bursts", "exhaustive", "walks"],
    runs: 60,
    leave: async () => {}
  }
}

const onDisk = async (): Promise<Place> => {
  const { inProcess } = (await importFaulty("src/conformance/adapters/inProcess.ts")) as typeof InProcess
  const base = mkdtempSync(join(tmpdir(), "keystate-power-"))
  return {
    adapter: inProcess({ directory: (start) => join(base, String(start)) }),
    phases: ["metamorphic"],
    runs: 10,
    leave: async () => rmSync(base, { recursive: true, force: true })
  }
}

const withRestarts = async (): Promise<Place> => {
  const { inProcess } = (await importFaulty("src/conformance/adapters/inProcess.ts")) as typeof InProcess
  const base = mkdtempSync(join(tmpdir(), "keystate-power-"))
  let place = 0
  const inner = inProcess({ directory: () => join(base, String(place)) })
  return {
    adapter: restarting(inner, { every: 1, fresh: () => place++ }),
    phases: ["metamorphic", "walks"],
    runs: 10,
    leave: async () => rmSync(base, { recursive: true, force: true })
  }
}

const withUsers = async (): Promise<Place> => {
  const { startServer, accessKeyId, secret } = (await importFaulty("test/guide/serverFixture.ts")) as typeof Fixture
  const server = await startServer({ clock: "virtual" })
  const adapter = await overHttp({
    endpoint: server.url,
    accessKey: { accessKeyId, accessKeySecret: secret },
    clock: Date.now,
    profiles: ["core", "aliases", "policy", "wire"]
  })
  return { adapter, phases: ["metamorphic", "bursts"], runs: 10, leave: server.stop }
}

const places: Readonly<Record<Ground, () => Promise<Place>>> = {
  memory: inMemory,
  disk: onDisk,
  restarts: withRestarts,
  http: withUsers
}

const expected = seeded?.fault.law

const kinds: Record<string, ReadonlyArray<string>> = {}

const noteKinds = ({ coverage }: Report): void => {
  for (const { law, kind } of coverage.situations) {
    const known = kinds[law] ?? []
    if (kind !== "none" && !known.includes(kind)) kinds[law] = [...known, kind].toSorted()
  }
}

const verdictOf = (report: Report, before: number, firstAt: number | undefined): Verdict => {
  noteKinds(report)
  // A MUST law takes precedence over a SHOULD law, and any law over a failure of the engine.
  const rank = ({ law, severity }: Report["counterexamples"][number]): number =>
    (severity === "MUST" ? 0 : 2) + (law === "KMS-LC-026" ? 1 : 0)
  const [best] = report.counterexamples.toSorted(
    (left, right) =>
      Number(right.law === expected) - Number(left.law === expected) ||
      rank(left) - rank(right) ||
      left.steps.length - right.steps.length
  )
  return {
    outcome: report.error !== undefined ? "error" : best === undefined ? "clean" : "caught",
    law: best?.law ?? "",
    laws: report.counterexamples.map(({ law }) => law),
    finding: report.error ?? best?.finding ?? "",
    phase: best?.phase ?? "",
    calls: before + (firstAt ?? report.calls),
    steps: best?.steps.map(({ text }) => text) ?? [],
    kinds,
    text: best === undefined ? "" : counterexampleText(best),
    unused: seeded?.fault.patches.map(({ file }) => file).filter((file) => !loaded.has(file)) ?? []
  }
}

const isNamed = ({ outcome, laws }: Verdict): boolean =>
  outcome !== "caught" || expected === undefined || laws.includes(expected)

/** Runs one phase after another until one names the expected law. Another law counts if no later phase names it. */
const run = async ({ adapter, phases, runs }: Place): Promise<Verdict> => {
  let before = 0
  let misnamed: Verdict | undefined
  for (const phase of phases) {
    let firstAt: number | undefined
    const options: ConformanceOptions = {
      seed: "power",
      runs,
      phases: [phase],
      budgetMillis: patience,
      stopAfter: 1,
      onProgress: ({ calls, broken }) => {
        if (broken > 0) firstAt ??= calls
      }
    }
    const first = verdictOf(await runConformance(adapter, options), before, firstAt)
    // Another law broke first: the expected law may break later in the phase.
    const verdict = isNamed(first)
      ? first
      : verdictOf(await runConformance(adapter, { ...options, stopAfter: Number.POSITIVE_INFINITY }), before, firstAt)
    if (verdict.outcome !== "clean" && isNamed(verdict)) return verdict
    if (verdict.outcome === "caught") misnamed ??= verdict
    if (phase === phases.at(-1)) return misnamed ?? verdict
    before = verdict.calls
  }
  throw new Error("there is at least one phase")
}

const place = await places[ground]()
const verdict = await run(place)
await place.leave()
process.send?.(verdict)
if (process.send === undefined) console.error(verdict)
process.disconnect?.()
process.exit(0)
