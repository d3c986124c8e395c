/** Runs the suite against one service. */
import { randomUUID } from "node:crypto"
import type { KmsAdapter } from "../adapters/adapter.ts"
import { prove, untried } from "../counterexamples/prove.ts"
import type { Proof } from "../counterexamples/prove.ts"
import { explanationsOf, shrink } from "../counterexamples/shrink.ts"
import type { Shrunk } from "../counterexamples/shrink.ts"
import type { LawId } from "../lawbook/laws.ts"
import { reportOf } from "../report/assemble.ts"
import type { Report } from "../report/report.ts"
import { makeReceiver } from "../steps/receiver.ts"
import { within } from "./asking.ts"
import { openSession } from "./testTarget.ts"
import type { TestTarget } from "./testTarget.ts"
import type { ConformanceOptions, Phase, Progress } from "./options.ts"
import { planOf } from "./plan.ts"
import { leave } from "./pool.ts"
import { openSuiteRun, QuotaReached, runSequence } from "./sequence.ts"
import type { SuiteRun, Source, Violation } from "./sequence.ts"
import { operationsIn, quotasOf, settingsOf } from "./settings.ts"
import type { Settings } from "./settings.ts"
import { makeTally } from "./tally.ts"

/** The state of a run: its findings so far, and the remaining time. */
interface Campaign {
  readonly settings: Settings
  readonly testTarget: TestTarget
  readonly tell: (progress: Omit<Progress, "calls" | "broken">) => void
  readonly elapsedMillis: () => number
  /** The shortest violation of each law. */
  readonly found: Map<LawId, Violation>
  readonly shrunk: Array<Shrunk>
  /** Laws of concurrency that broke because other laws are broken. */
  readonly explained: Set<LawId>
  runs: number
  /** The service accepts no more keys. */
  quota: boolean
  /** The preceding sequence could not run because the service had no room for its keys. */
  isTight: boolean
  cutShort: boolean
  limitMillis: number
}

/** The remaining time is for replays and for shortening. */
const shareOfSearch = 0.8

const campaignOf = (adapter: KmsAdapter, options: ConformanceOptions): Campaign => {
  const settings = settingsOf(adapter, options)
  const began = performance.now()
  const elapsedMillis = (): number => performance.now() - began
  const tally = makeTally()
  const campaign: Campaign = {
    settings,
    testTarget: {
      adapter,
      dialect: settings.dialect,
      quotas: quotasOf(adapter, settings),
      receiver: makeReceiver(),
      tally,
      has: operationsIn(adapter, settings),
      looksAfterRefusals: true,
      mayGoOn: () => elapsedMillis() < campaign.limitMillis
    },
    tell: (progress) => options.onProgress?.({ ...progress, calls: tally.calls, broken: campaign.found.size }),
    elapsedMillis,
    found: new Map(),
    shrunk: [],
    explained: new Set(),
    runs: 0,
    quota: false,
    isTight: false,
    cutShort: false,
    limitMillis: (settings.budgetMillis ?? Number.POSITIVE_INFINITY) * shareOfSearch
  }
  return campaign
}

const keep = ({ found }: Campaign, violations: ReadonlyArray<Violation>): void => {
  for (const violation of violations) {
    const known = found.get(violation.law)
    if (known === undefined || violation.steps.length < known.steps.length) found.set(violation.law, violation)
  }
}

const dayMillis = 86_400_000

/** Advances a virtual clock by the shortest waiting period. */
const waited = async ({ adapter, dialect }: TestTarget): Promise<boolean> => {
  if (adapter.capabilities.clock !== "virtual" || adapter.advance === undefined) return false
  await adapter.advance((dialect.window.minimum + 1) * dayMillis)
  return true
}

/** Runs one sequence. False if the service had no room for its keys. */
const runOne = async (campaign: Campaign, suiteRun: SuiteRun, phase: Phase, source: Source): Promise<boolean> => {
  try {
    keep(campaign, (await runSequence(suiteRun, phase, source)).violations)
    campaign.isTight = false
    campaign.runs++
    return true
  } catch (failure) {
    if (!(failure instanceof QuotaReached)) throw failure
    // Keys that are pending deletion will make room.
    campaign.quota = campaign.isTight || !(await waited(campaign.testTarget))
    campaign.isTight = true
    return false
  }
}

const runPhase = async (campaign: Campaign, suiteRun: SuiteRun, phase: Phase): Promise<void> => {
  const { settings, testTarget, found } = campaign
  const sources = planOf(phase, settings, testTarget)
  const of = Array.isArray(sources) ? sources.length : settings.runs
  let done = 0
  for (const source of sources) {
    if (!testTarget.mayGoOn() || campaign.quota || found.size >= settings.stopAfter) return
    if (await runOne(campaign, suiteRun, phase, source)) campaign.tell({ phase, done: ++done, of })
  }
}

const search = async (campaign: Campaign, suiteRun: SuiteRun): Promise<void> => {
  for (const phase of campaign.settings.phases) {
    // Many short sequences need many keys, so keys in their initial configuration are used again.
    suiteRun.pool.keepsAll = campaign.testTarget.adapter.capabilities.reset === "namespace" || phase === "walks"
    await runPhase(campaign, suiteRun, phase)
  }
  campaign.cutShort = !campaign.testTarget.mayGoOn()
}

/**
 * Every counterexample should be replayed before it is shown, so replays may take half as long again as the whole run.
 */
const mayReplay = ({ settings, elapsedMillis }: Campaign): boolean =>
  elapsedMillis() < (settings.budgetMillis ?? Number.POSITIVE_INFINITY) * 1.5

/** Replays every violation before shortening any, so that time remains for each. */
const proveAll = async (campaign: Campaign, trials: SuiteRun): Promise<Array<Proof>> => {
  const proofs: Array<Proof> = []
  for (const violation of campaign.found.values()) {
    proofs.push(mayReplay(campaign) ? await prove(trials, violation) : untried(violation))
    campaign.tell({ phase: "replaying", done: proofs.length, of: campaign.found.size })
  }
  return proofs
}

/** Each violation gets an equal share of the remaining time. */
const timeFor = ({ elapsedMillis, limitMillis }: Campaign, left: number): (() => boolean) => {
  const began = elapsedMillis()
  const until = began + (limitMillis - began) / left
  return () => elapsedMillis() < until
}

/** Shortens one violation. Laws of concurrency that other laws explain are skipped; their turn comes later. */
const shrinkOne = async (campaign: Campaign, trials: SuiteRun, proof: Proof, left: number): Promise<Array<Proof>> => {
  const { settings, shrunk, explained, found } = campaign
  const mayGoOn = timeFor(campaign, left)
  const short: Shrunk = settings.shrink ? await shrink(trials, proof, mayGoOn) : { ...proof, shrinking: "off" }
  const explanations = settings.shrink && mayGoOn() ? await explanationsOf(trials, short.violation) : []
  if (explanations.length === 0) {
    shrunk.push(short)
    return []
  }
  explained.add(proof.violation.law)
  const fresh = explanations.filter(({ law }) => !found.has(law))
  keep(campaign, fresh)
  const proofs: Array<Proof> = []
  for (const violation of fresh) proofs.push(await prove(trials, violation))
  return proofs
}

const shrinkAll = async (campaign: Campaign, suiteRun: SuiteRun): Promise<void> => {
  const { settings, testTarget, found } = campaign
  campaign.limitMillis = settings.budgetMillis ?? Number.POSITIVE_INFINITY
  // Attempts add nothing to the findings about laws, and a replay is not interrupted.
  const trials: SuiteRun = {
    ...suiteRun,
    testTarget: { ...testTarget, tally: makeTally(), looksAfterRefusals: false, mayGoOn: () => true }
  }
  const proofs = await proveAll(campaign, trials)
  for (const [done, proof] of proofs.entries()) {
    proofs.push(...(await shrinkOne(campaign, trials, proof, proofs.length - done)))
    campaign.tell({ phase: "shrinking", done: done + 1, of: found.size })
  }
  await leave(trials.pool, await openSession(testTarget, ""), testTarget.has)
}

/** Violations before a failure of the adapter remain valid, and are shown as found. */
const keepUntold = ({ found, shrunk, explained }: Campaign): void => {
  const told = new Set([...shrunk.map(({ violation }) => violation.law), ...explained])
  for (const violation of found.values()) {
    if (!told.has(violation.law)) shrunk.push({ ...untried(violation), shrinking: "off" })
  }
}

const reportIn = (campaign: Campaign, error?: string): Report => {
  const { testTarget, settings, shrunk, explained, runs, quota, cutShort } = campaign
  return reportOf({
    adapter: testTarget.adapter,
    settings,
    tally: testTarget.tally,
    shrunk,
    explained,
    runs,
    quota,
    cutShort: cutShort || error !== undefined,
    elapsedMillis: campaign.elapsedMillis(),
    has: testTarget.has,
    ...(error === undefined ? {} : { error })
  })
}

/** Never rejects: a failure of the adapter gives a report with the verdict `error`. */
export const runConformance = async (adapter: KmsAdapter, options: ConformanceOptions = {}): Promise<Report> => {
  const campaign = campaignOf(adapter, options)
  try {
    const prefix = adapter.capabilities.reset === "perRun" ? "" : `${randomUUID().slice(0, 8)}-`
    const suiteRun = await openSuiteRun(campaign.testTarget, campaign.settings.seed, prefix)
    await search(campaign, suiteRun)
    await shrinkAll(campaign, suiteRun)
    await adapter.stop()
    return reportIn(campaign)
  } catch (failure) {
    await within(adapter.stop(), "stopping").catch(() => {})
    keepUntold(campaign)
    return reportIn(campaign, failure instanceof Error ? failure.message : String(failure))
  }
}
