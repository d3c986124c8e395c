/** The time that all engines of one store share: one row, and the counters of each machine. Pure; see docs/time.md. */
import { clockStepMillisMax, clockToleranceMillis, clockWobbleMillis } from "../domain/limits.ts"
import { downFor, look, lookAfterGap, resume, restored } from "./trust.ts"
import type { Look, Resumed, Saved, Trust } from "./trust.ts"

/** The time that every engine follows, as of the store's time `wall`. */
export interface Agreed extends Pick<Trust, "mode" | "base" | "lead" | "doubt"> {
  /** Counts agreements: a larger number is newer. */
  readonly serial: number
  /** The newest decision of a person; 0 if no person decided. Only a person can turn time back. */
  readonly decided: number
  /** The engine that wrote it did not know how long all engines were off. It yields to an engine that did. */
  readonly isGuess: boolean
  readonly wall: number
}

/** The mark of a machine, its agreement, and the store's time. */
export interface Mark extends Saved {
  readonly serial: number
  readonly wall: number
}

/** Whether the engines need a new agreement. */
export const differs = (agreed: Agreed, { doubt, mode }: Trust): boolean =>
  agreed.mode !== mode || agreed.doubt?.to !== doubt?.to

/** The data that a start finds. */
export interface Found {
  /** The mark of this machine since it was switched on. */
  readonly own: Mark | undefined
  /** The last mark of any machine. Engines of earlier versions name no agreement. */
  readonly last: (Saved & Partial<Pick<Mark, "serial" | "wall">>) | undefined
}

export interface Start {
  readonly trust: Trust
  /** The latest time that was served, as far as it is known. */
  readonly at: number
  readonly isGuess: boolean
  /** Whether the engines need a new agreement. */
  readonly isNews: boolean
}

/** A served time, and the time elapsed since; undefined if that is not known. */
interface Origin {
  readonly from: Saved
  readonly gone: number | undefined
  readonly isGuess: boolean
  /** Whether it corrects a guess. */
  readonly isBetter: boolean
}

/**
 * The count of this machine, if it counted under this agreement, or under the one before a guess that is not ahead of
 * it.
 */
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

/** Follows the store's clock alone, if that is plausible. */
const byStoreClock = (agreed: Agreed, { last }: Found, now: Resumed): Origin => {
  const served = { ...agreed, at: agreed.base + agreed.lead, uptime: 0 }
  const from =
    last !== undefined && last.serial === agreed.serial && last.wall !== undefined
      ? { ...last, wall: last.wall }
      : served
  const since = now.wall - from.wall
  // Another engine wrote its mark a moment ago, so no guess is needed.
  if (Math.abs(since) <= clockToleranceMillis) {
    return { from, gone: Math.max(0, since), isGuess: false, isBetter: false }
  }
  const isPlausible = since > 0 && since <= clockStepMillisMax && from.mode !== "Rejected"
  return { from, gone: isPlausible ? since : undefined, isGuess: true, isBetter: false }
}

/** The first look of an engine on a store that other engines use or used. */
export const resumeAgreed = (agreed: Agreed, found: Found, now: Resumed): Start => {
  const counted = countedIn(agreed, found, now)
  const { last } = found
  // The last writer was an engine of an earlier version, which knows no agreements.
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
 * Continues from the agreement of another engine. `gap` is the time, by this engine's own counter, since the store held
 * an earlier agreement: the new one is not older.
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

/** Whether an engine that counted all the time has better data than a guess, and is not behind it. */
export const knowsBetter = (held: Agreed, next: Agreed, served: { readonly mine: number; readonly theirs: number }) =>
  next.isGuess && next.serial === held.serial + 1 && served.mine >= served.theirs - clockToleranceMillis

/** Whether the count of an engine corrects a guess. */
export const corrects = (trust: Trust, next: Agreed, served: { readonly mine: number; readonly theirs: number }) =>
  differs(next, trust) || served.mine - served.theirs > clockToleranceMillis
