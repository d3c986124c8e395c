/** Runs the suite against one service. */
import { createHash, randomUUID } from "node:crypto"
import { operations } from "../adapters/adapter.ts"
import type { KmsAdapter, OperationName, Profile } from "../adapters/adapter.ts"
import { within } from "./asking.ts"
import { vendor } from "../dialects/dialects.ts"
import { bursts } from "../explore/bursts.ts"
import { exhaustive } from "../explore/exhaustive.ts"
import { scripts } from "../explore/scripts.ts"
import { drawsOf, walker } from "../explore/walks.ts"
import { kinds } from "../model/kinds.ts"
import type { ConformanceOptions, Phase } from "./options.ts"
import { leave } from "./pool.ts"
import { makeReceiver } from "../steps/receiver.ts"
import type { Report } from "../report/report.ts"
import { openArena, QuotaReached, runSequence } from "./sequence.ts"
import type { Arena, Source, Violation } from "./sequence.ts"
import { openSession } from "./session.ts"
import type { Bench } from "./session.ts"
import { explanationsOf, shrink } from "../counterexamples/shrink.ts"
import type { Shrunk } from "../counterexamples/shrink.ts"
import { makeTally } from "./tally.ts"
import { reportOf } from "../report/assemble.ts"
import type { Outcome, Settings } from "../report/assemble.ts"

const allPhases: ReadonlyArray<Phase> = ["metamorphic", "bursts", "exhaustive", "walks"]

const settingsOf = (adapter: KmsAdapter, options: ConformanceOptions): Settings => {
  const profiles = adapter.capabilities.profiles.filter((profile) => options.profiles?.includes(profile) ?? true)
  return {
    dialect: options.dialect ?? vendor,
    profiles,
    seed: options.seed ?? "keystate",
    runs: options.runs ?? 200,
    maxLength: options.maxLength ?? 40,
    parallel: options.parallel ?? 3,
    budgetMillis: options.budgetMillis ?? null,
    known: options.known ?? [],
    phases: options.phases ?? allPhases
  }
}

/** Operations that belong to a profile, and are not asked for without it. */
const belongsTo: { readonly [operation in OperationName]?: Profile } = {
  GetParametersForImport: "import",
  ImportKeyMaterial: "import",
  DeleteKeyMaterial: "import",
  CreateAlias: "aliases",
  UpdateAlias: "aliases",
  DeleteAlias: "aliases",
  ListAliases: "aliases",
  ListAliasesByKeyId: "aliases",
  UpdateRotationPolicy: "rotation",
  GetPublicKey: "asymmetric",
  AsymmetricEncrypt: "asymmetric",
  AsymmetricDecrypt: "asymmetric",
  AsymmetricSign: "asymmetric",
  AsymmetricVerify: "asymmetric"
}

const hasOf = (adapter: KmsAdapter, { dialect, profiles }: Settings): ReadonlySet<OperationName> =>
  new Set(
    operations.filter((operation) => {
      const profile = belongsTo[operation]
      return (
        adapter.capabilities.operations.includes(operation) &&
        dialect.operations[operation] !== undefined &&
        (profile === undefined || profiles.includes(profile))
      )
    })
  )

const number = (seed: string): number => createHash("sha256").update(seed).digest().readInt32BE(0)

/** The sequences of a phase, in their order. */
const plan = (phase: Phase, settings: Settings, bench: Bench): Iterable<Source> => {
  const { dialect, profiles, runs, maxLength, parallel } = settings
  const { has } = bench
  const hasClock = bench.adapter.capabilities.clock === "virtual"
  const made = kindsFor(profiles)
  const seed = number(settings.seed)
  switch (phase) {
    case "metamorphic":
      return scripts({ dialect, profiles, kinds: made })
    case "exhaustive":
      return exhaustive({ kinds: made, dialect, has, hasClock })
    case "bursts":
      return bursts({ seed, runs: Math.min(100, Math.ceil(runs / 4)), parallel, has })
    case "walks": {
      const walk = walker({ dialect, has, profiles, hasClock, kinds: made.filter((kind) => kind !== "service") })
      return walks(seed, runs, maxLength, walk)
    }
    default:
      return phase satisfies never
  }
}

/** Drawn in lots, so that a long campaign does not hold all of it at once. */
const walks = function* (
  seed: number,
  runs: number,
  maxLength: number,
  walk: ReturnType<typeof walker>
): Generator<Source> {
  const lot = 100
  for (let done = 0; done < runs; done += lot) {
    for (const draws of drawsOf(seed + done, Math.min(lot, runs - done), maxLength)) yield walk(draws)
  }
}

const kindsFor = (profiles: ReadonlyArray<Profile>): ReadonlyArray<string> =>
  Object.entries(kinds).flatMap(([name, { profile }]) => (profiles.includes(profile) ? [name] : []))

interface Found {
  readonly best: Map<string, Violation>
}

const keep = ({ best }: Found, violations: ReadonlyArray<Violation>): void => {
  for (const violation of violations) {
    const known = best.get(violation.law)
    if (known === undefined || violation.steps.length < known.steps.length) best.set(violation.law, violation)
  }
}

const dayMillis = 86_400_000

/** Lets the shortest waiting period pass, where time can be moved. */
const waited = async ({ adapter, dialect }: Bench): Promise<boolean> => {
  if (adapter.capabilities.clock !== "virtual" || adapter.advance === undefined) return false
  await adapter.advance((dialect.window.minimum + 1) * dayMillis)
  return true
}

/** Never rejects: an adapter that fails is a report with the verdict `error`. */
export const runConformance = async (adapter: KmsAdapter, options: ConformanceOptions = {}): Promise<Report> => {
  const settings = settingsOf(adapter, options)
  const began = performance.now()
  const elapsed = (): number => performance.now() - began
  const tally = makeTally()
  const found: Found = { best: new Map() }
  const shrunk: Array<Shrunk> = []
  const explained = new Set<string>()
  let runs = 0
  let quota = false
  /** The sequence before could not be run for want of room. */
  let isTight = false
  let error: string | undefined
  // A tenth of the time is left for making counterexamples short.
  let limit = settings.budgetMillis === null ? Number.POSITIVE_INFINITY : settings.budgetMillis * 0.9
  const bench: Bench = {
    adapter,
    dialect: settings.dialect,
    receiver: makeReceiver(),
    tally,
    has: hasOf(adapter, settings),
    mayGoOn: () => elapsed() < limit
  }
  let arena: Arena | undefined
  try {
    const prefix = adapter.capabilities.reset === "perRun" ? "" : `${randomUUID().slice(0, 8)}-`
    arena = await openArena(bench, settings.seed, prefix)
    for (const phase of settings.phases) {
      // Many short lives need many keys: those that are back where they began are used again.
      arena.pool.keepsAll = adapter.capabilities.reset === "namespace" || phase === "walks"
      const sources = plan(phase, settings, bench)
      const of = Array.isArray(sources) ? sources.length : settings.runs
      let done = 0
      for (const source of sources) {
        if (!bench.mayGoOn() || quota || found.best.size >= (options.stopAfter ?? Number.POSITIVE_INFINITY)) break
        try {
          keep(found, (await runSequence(arena, phase, source)).violations)
        } catch (failure) {
          if (!(failure instanceof QuotaReached)) throw failure
          // Keys that wait for their deletion make room in time.
          quota = isTight || !(await waited(bench))
          isTight = true
          continue
        }
        isTight = false
        runs++
        options.onProgress?.({ phase, done: ++done, of, calls: tally.calls, broken: found.best.size })
      }
    }
    const cutShort = !bench.mayGoOn()
    limit = settings.budgetMillis ?? Number.POSITIVE_INFINITY
    let done = 0
    // What is tried to make it short says nothing new of the laws.
    const trials: Arena = { ...arena, bench: { ...bench, tally: makeTally() } }
    for (const violation of found.best.values()) {
      const mayShrink = options.shrink !== false && bench.mayGoOn()
      const short: Shrunk = mayShrink
        ? await shrink(trials, violation)
        : { violation, shrunkFrom: violation.steps.length, reproduced: false }
      const explanations = mayShrink ? await explanationsOf(trials, short.violation) : []
      if (explanations.length === 0) shrunk.push(short)
      else {
        explained.add(violation.law)
        // Those that are new have their turn in this loop.
        keep(found, explanations)
      }
      options.onProgress?.({
        phase: "shrinking",
        done: ++done,
        of: found.best.size,
        calls: tally.calls,
        broken: found.best.size
      })
    }
    await leave(trials.pool, await openSession(bench, ""), bench.has)
    await adapter.stop()
    return reportOf({
      adapter,
      settings,
      tally,
      shrunk,
      explained,
      runs,
      quota,
      cutShort,
      elapsedMillis: elapsed(),
      has: bench.has
    })
  } catch (failure) {
    error = failure instanceof Error ? failure.message : String(failure)
    await within(adapter.stop(), "stopping").catch(() => {})
    // What broke until then has broken, however it might be told shorter.
    const told = new Set([...shrunk.map(({ violation }) => violation.law), ...explained])
    for (const violation of found.best.values()) {
      if (!told.has(violation.law)) shrunk.push({ violation, shrunkFrom: violation.steps.length, reproduced: false })
    }
    const outcome: Outcome = {
      adapter,
      settings,
      tally,
      shrunk,
      explained,
      runs,
      quota,
      cutShort: true,
      elapsedMillis: elapsed(),
      has: bench.has
    }
    return reportOf({ ...outcome, error })
  }
}
