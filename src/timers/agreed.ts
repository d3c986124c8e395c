/** Which time the engines on one store live by: one row for all of them, and what each machine counted. Pure; see docs/time.md. */
import { clockStepMillisMax, clockToleranceMillis, clockWobbleMillis } from "../domain/limits.ts"
import { downFor, look, lookAfterGap, resume, restored } from "./trust.ts"
import type { Look, Resumed, Saved, Trust } from "./trust.ts"

/** What every engine goes by, as of the store's time `wall`. */
export interface Agreed extends Pick<Trust, "mode" | "base" | "lead" | "doubt"> {
  /** Counts agreements: the larger one is newer. */
  readonly serial: number
  /** The newest that a person decided; 0 if none. Only a person turns time back. */
  readonly decided: number
  /** The engine that wrote it did not count how long all engines were off. It yields to one that did. */
  readonly isGuess: boolean
  readonly wall: number
}

/** What a machine left, under which agreement, and at which time of the store. */
export interface Mark extends Saved {
  readonly serial: number
  readonly wall: number
}

/** Whether the engines have to agree anew. */
export const differs = (agreed: Agreed, { doubt, mode }: Trust): boolean =>
  agreed.mode !== mode || agreed.doubt?.to !== doubt?.to

/** What a start finds. */
export interface Found {
  /** Of this machine, since it was switched on. */
  readonly own: Mark | undefined
  /** Of any machine, the last. Engines of earlier versions name no agreement. */
  readonly last: (Saved & Partial<Pick<Mark, "serial" | "wall">>) | undefined
}

export interface Start {
  readonly trust: Trust
  /** The latest instant that was served, as far as it is known. */
  readonly at: number
  readonly isGuess: boolean
  /** Whether the engines have to agree anew. */
  readonly isNews: boolean
}

/** A time that was served, and how much has gone by since; undefined if that is not known. */
interface Origin {
  readonly from: Saved
  readonly gone: number | undefined
  readonly isGuess: boolean
  /** Whether it corrects a guess. */
  readonly isBetter: boolean
}

/** What this machine counted, if it counted under this agreement, or under the one before a guess that is not ahead of it. */
const countedIn = (agreed: Agreed, { own }: Found, now: Resumed): Origin | undefined => {
  const gone = own === undefined ? undefined : downFor(own, now)
  if (own === undefined || gone === undefined) return undefined
  const counted = { from: own, gone, isGuess: false }
  if (own.serial === agreed.serial) return { ...counted, isBetter: false }
  const reached = own.base + own.lead + gone
  const isBetter =
    agreed.isGuess && own.serial === agreed.serial - 1 && reached >= agreed.base + agreed.lead - clockToleranceMillis
  return isBetter ? { ...counted, isBetter } : undefined
}

/** Goes by the store's clock alone, as far as that is plausible. */
const byStoreClock = (agreed: Agreed, { last }: Found, now: Resumed): Origin => {
  const served = { ...agreed, at: agreed.base + agreed.lead, uptime: 0 }
  const from =
    last !== undefined && last.serial === agreed.serial && last.wall !== undefined
      ? { ...last, wall: last.wall }
      : served
  const since = now.wall - from.wall
  // Another engine marked it a moment ago: nothing has to be guessed.
  if (Math.abs(since) <= clockToleranceMillis) {
    return { from, gone: Math.max(0, since), isGuess: false, isBetter: false }
  }
  const isPlausible = since > 0 && since <= clockStepMillisMax && from.mode !== "Rejected"
  return { from, gone: isPlausible ? since : undefined, isGuess: true, isBetter: false }
}

/** The first look of an engine whose store others use or used. */
export const resumeAgreed = (agreed: Agreed, found: Found, now: Resumed): Start => {
  const counted = countedIn(agreed, found, now)
  const { last } = found
  // An engine of an earlier version wrote last, which knows of no agreement.
  if (counted === undefined && last !== undefined && last.serial === undefined && agreed.mode === "Followed") {
    const trust = resume(last, now)
    return { trust, at: last.at, isGuess: false, isNews: differs(agreed, trust) }
  }
  const { from, gone, isBetter, isGuess } = counted ?? byStoreClock(agreed, found, now)
  const { known } = restored(from, gone ?? 0, now)
  const trust = gone === undefined ? lookAfterGap(known, now) : look(known, now)
  return { trust, at: from.at, isGuess, isNews: isGuess || isBetter || differs(agreed, trust) }
}

/**
 * What another engine wrote, as this one goes on from it. `gap` is how long ago, by this engine's own counter, the store
 * held an earlier agreement: the new one is not older.
 */
export const adopted = (
  { base, doubt, lead, mode, wall }: Agreed,
  { elapsed, wall: present }: Look,
  gap: number
): Trust => {
  const since = present - wall
  const gone = since >= 0 && since <= gap + clockWobbleMillis ? since : 0
  const trust: Trust = { mode, base: base + gone, lead, elapsed }
  return doubt === undefined ? trust : { ...trust, doubt: { ...doubt, steady: { ...doubt.steady, since: elapsed } } }
}

/** Whether an engine that counted all the time knows better than a guess, and is not behind it. */
export const knowsBetter = (held: Agreed, next: Agreed, served: { readonly mine: number; readonly theirs: number }) =>
  next.isGuess && next.serial === held.serial + 1 && served.mine >= served.theirs - clockToleranceMillis

/** Whether a guess is to be corrected by what an engine counted. */
export const corrects = (trust: Trust, next: Agreed, served: { readonly mine: number; readonly theirs: number }) =>
  differs(next, trust) || served.mine - served.theirs > clockToleranceMillis
