/** The trusted time of a real clock: pure steps from one look at the machine's clock to the next; see docs/time.md. */
import {
  clockDriftMax,
  clockStepMillisMax,
  clockSteadyMillis,
  clockToleranceMillis,
  clockWobbleMillis
} from "../domain/limits.ts"

/** One look: the machine's clock, and the counter of elapsed time. Both in milliseconds. */
export interface Look {
  readonly wall: number
  readonly elapsed: number
}

/** The machine's clock jumped, and no person has decided which time is right. */
export interface Doubt {
  /** The direction from the trusted time to the machine's clock. */
  readonly direction: "Forward" | "Backward"
  /** The trusted time at the jump. */
  readonly from: number
  /** The time of the machine's clock after its last jump. */
  readonly to: number
  /** The largest observed distance between the two. */
  readonly furthest: number
  /** The present distance of the machine's clock, and since when it is constant. */
  readonly steady: { readonly distance: number; readonly since: number }
}

/**
 * - `Followed`: the machine's clock agrees with elapsed time, and is served.
 * - `Doubted`: it jumped. The last trusted time plus elapsed time is served, and nothing irreversible is performed.
 * - `Rejected`: a person decided that it is wrong. The same time is served, and all due deadlines are performed.
 */
export type Mode = "Followed" | "Doubted" | "Rejected"

export interface Trust {
  readonly mode: Mode
  /** The trusted time by elapsed time alone. It follows the machine's clock only as fast as a clock may drift. */
  readonly base: number
  /** The difference of the served time from `base`: at most the tolerance in either direction. */
  readonly lead: number
  /** The counter at the look that produced this. */
  readonly elapsed: number
  /** Present exactly while the mode is `Doubted`. */
  readonly doubt?: Doubt
}

/** The machine's clock is right. */
export const adopt = ({ wall, elapsed }: Look): Trust => ({ mode: "Followed", base: wall, lead: 0, elapsed })

/** The trusted time when the counter reads `elapsed`. */
export const trustedAt = (trust: Trust, elapsed: number): number =>
  trust.base + trust.lead + Math.max(0, elapsed - trust.elapsed)

const clamp = (value: number, limit: number): number => Math.min(Math.max(value, -limit), limit)

/** A short or small jump that is over ends its own doubt; a large one needs a person. */
const endsItself = ({ furthest }: Doubt): boolean => furthest <= clockStepMillisMax

const agree = (trust: Trust, { wall, elapsed }: Look): Trust => {
  const gone = Math.max(0, elapsed - trust.elapsed)
  const distance = wall - (trust.base + gone)
  const drift = clamp(distance, gone * clockDriftMax)
  const followed = { base: trust.base + gone + drift, lead: distance - drift, elapsed }
  return trust.doubt === undefined || endsItself(trust.doubt)
    ? { mode: "Followed", ...followed }
    : { mode: "Doubted", ...followed, doubt: trust.doubt }
}

const directionOf = (distance: number): Doubt["direction"] => (distance > 0 ? "Forward" : "Backward")

const doubtAfter = (trust: Trust, { wall, elapsed }: Look, distance: number): Doubt => {
  const before = trust.doubt
  const steady = { distance, since: elapsed }
  const furthest = Math.max(Math.abs(distance), before?.furthest ?? 0)
  if (before === undefined) {
    return { direction: directionOf(distance), from: Math.floor(trustedAt(trust, elapsed)), to: wall, furthest, steady }
  }
  const keepsDistance = Math.abs(distance - before.steady.distance) <= clockWobbleMillis
  return keepsDistance
    ? { ...before, furthest }
    : { ...before, direction: directionOf(distance), to: wall, furthest, steady }
}

/** A jump forward of less than a day that persists: most likely the machine was paused. */
const isSettled = (doubt: Doubt, elapsed: number): boolean =>
  doubt.direction === "Forward" && endsItself(doubt) && elapsed - doubt.steady.since >= clockSteadyMillis

/** The same trust later, by elapsed time alone. */
export const waited = (trust: Trust, { elapsed }: Look): Trust => ({
  ...trust,
  base: trust.base + Math.max(0, elapsed - trust.elapsed),
  elapsed
})

const disagree = (trust: Trust, seen: Look, distance: number): Trust => {
  const { elapsed } = seen
  const gone = Math.max(0, elapsed - trust.elapsed)
  const apart = { base: trust.base + gone, lead: trust.lead, elapsed }
  if (trust.mode === "Rejected") return { mode: "Rejected", ...apart }
  const doubt = doubtAfter(trust, seen, distance)
  return isSettled(doubt, elapsed) ? adopt(seen) : { mode: "Doubted", ...apart, doubt }
}

/** The next trust after another look at the machine's clock. */
export const look = (trust: Trust, seen: Look): Trust => {
  const distance = seen.wall - (trust.base + Math.max(0, seen.elapsed - trust.elapsed))
  return Math.abs(distance) <= clockToleranceMillis ? agree(trust, seen) : disagree(trust, seen, distance)
}

/** A person decides that the machine's clock is right: time continues from it, even if that is back. */
export const confirm = (trust: Trust, seen: Look): Trust => (trust.mode === "Followed" ? trust : adopt(seen))

/**
 * A person decides that the later of the two times is wrong. If that is the machine's clock, time continues from the
 * trusted time until the clock agrees with it again. Otherwise time follows the machine's clock back.
 */
export const reject = (trust: Trust, seen: Look): Trust => {
  if (trust.doubt === undefined) return trust
  const gone = Math.max(0, seen.elapsed - trust.elapsed)
  const isAhead = seen.wall - (trust.base + gone) > clockToleranceMillis
  if (!isAhead) return adopt(seen)
  return { mode: "Rejected", base: trust.base + gone, lead: trust.lead, elapsed: seen.elapsed }
}

/** The data that one run leaves for the next. */
export interface Saved {
  readonly mode: Mode
  /** The latest time that was served. */
  readonly at: number
  readonly base: number
  readonly lead: number
  readonly doubt?: Doubt
  /** The uptime of the machine, and the id of its boot; undefined if the machine does not report it. */
  readonly uptime: number
  readonly boot?: string
}

export interface Resumed extends Look {
  readonly uptime: number
  readonly boot: string | undefined
  /** The newest time in the data, if there is one. */
  readonly recorded: number | undefined
}

/** How long the service was down, as far as the machine can tell. */
export const downFor = (saved: Saved, now: Resumed): number | undefined =>
  now.boot !== undefined && now.boot === saved.boot && now.uptime >= saved.uptime
    ? now.uptime - saved.uptime
    : undefined

/** The trust that a run left, `gone` milliseconds later, and whether the data has a later time. */
export const restored = (
  { base, doubt, lead, mode }: Saved,
  gone: number,
  { elapsed, recorded }: Resumed
): { readonly known: Trust; readonly isBehind: boolean } => {
  const kept: Trust = {
    mode,
    base: base + gone,
    lead,
    elapsed,
    ...(doubt === undefined ? {} : { doubt: { ...doubt, steady: { ...doubt.steady, since: elapsed } } })
  }
  // The data has a time that was never marked: the previous run ended before it could mark the time it served.
  return recorded !== undefined && recorded > trustedAt(kept, elapsed) + clockToleranceMillis
    ? { known: { ...kept, base: recorded, lead: 0 }, isBehind: true }
    : { known: kept, isBehind: false }
}

/** The first look of a run that does not know how long it was down. A rejected clock is not followed. */
export const lookAfterGap = (known: Trust, now: Look): Trust =>
  look(known.mode === "Rejected" ? { ...known, mode: "Followed" } : known, now)

/** The first look of a run, from the data of the previous run. */
export const resume = (saved: Saved, now: Resumed): Trust => {
  const down = downFor(saved, now)
  const { isBehind, known } = restored(saved, down ?? 0, now)
  if (down !== undefined && !isBehind) return look(known, now)
  // No machine counted while this one was off. A difference of up to a day is accepted as that time.
  const off = now.wall - trustedAt(known, now.elapsed)
  const isPlausible = off >= 0 && off <= clockStepMillisMax && known.mode !== "Rejected"
  if (isPlausible) return known.doubt === undefined ? adopt(now) : { ...known, base: now.wall, lead: 0 }
  return lookAfterGap(known, now)
}
