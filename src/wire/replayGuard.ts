/** The replay guard: remembers accepted requests, so that each is accepted once. */
import { hash } from "node:crypto"
import { nonceLifetimeMillis, timestampSkewMillis } from "../domain/limits.ts"
import type { NonceBatch } from "../records/rows.ts"
import { FingerprintSet, fingerprintChars } from "./fingerprintSet.ts"
import { StampRanges } from "./stampRanges.ts"
import type { StampRange } from "./stampRanges.ts"

/** About 350 MB when full, and a sustained 2,800 requests a second: entries live at most 50 minutes. */
const noncesMax = 2 ** 23

/** Nonces are deleted one generation at a time, without a search. */
const generationMillis = nonceLifetimeMillis / 3
const generationsMax = 4
/**
 * More generations are stored while their timestamps are in the future, for example after a clock was ahead. This is
 * the limit.
 */
const generationsKeptMax = 16
/** One check of a clock that jumped ages the memory by at most this. */
const ageStepMillisMax = 1.5 * generationMillis
/** Requests of one moment differ by at most this. */
const cluster = { slack: timestampSkewMillis, max: 64 } as const

/**
 * The value that distinguishes a request from all others of its access key: its nonce or, without one, its signature.
 */
export interface Use {
  readonly accessKeyId: string
  readonly by: "nonce" | "signature"
  readonly text: string
  /** The request's own timestamp. */
  readonly stampMillis: number
  readonly nowMillis: number
}

export type Verdict = "fresh" | "used" | "full" | "forgotten"

export interface ReplayGuard {
  /** Remembers a new use. A full memory deletes only entries that fail by their timestamp. */
  readonly check: (use: Use) => Verdict
  /**
   * Whether a request with this timestamp may have been accepted and deleted from memory, so that it must be refused.
   */
  readonly isForgotten: (stampMillis: number) => boolean
  /** The deleted ranges that include timestamps of the present window: these requests are refused. */
  readonly refusedNow: (nowMillis: number) => ReadonlyArray<StampRange>
  /** All deleted ranges. */
  readonly forgotten: () => ReadonlyArray<StampRange>
  /** The ranges deleted since the last call, so that the store can delete them too. */
  readonly takeForgotten: () => ReadonlyArray<StampRange>
  /** The uses accepted since the last call, for the store; undefined if there are none. */
  readonly drain: () => NonceBatch | undefined
  /** Restores the uses that an earlier run wrote to the store. */
  readonly restore: (batches: Iterable<NonceBatch>, nowMillis: number) => void
  readonly size: () => number
}

export interface ReplayGuardOptions {
  /** Timestamps of requests that earlier runs may have accepted and deleted. */
  readonly forgotten?: Iterable<StampRange>
  /** Whether `drain` is called. Otherwise nothing is collected for the store. */
  readonly drained: boolean
  readonly noncesMax?: number
}

interface Generation {
  /** By the memory's own age. */
  readonly startedAt: number
  readonly fingerprints: FingerprintSet
  readonly stamps: StampRanges
}

/**
 * A nonce counts by its exact text and for its access key only. The length of the id separates the two. The entry is
 * 128 bits of SHA-256, so that long nonces need no more memory.
 */
const fingerprintOf = (use: Use): string =>
  hash("sha256", `${use.by} ${use.accessKeyId.length} ${use.accessKeyId} ${use.text}`, "binary").slice(
    0,
    fingerprintChars
  )

/** The data of a use in a store that several engines share. */
export interface NonceOfUse {
  /** Base64. */
  readonly fingerprint: string
  readonly stampMillis: number
  /** From this time on the request fails by its timestamp. */
  readonly expiresAt: number
}

export const nonceOf = (use: Use): NonceOfUse => ({
  fingerprint: btoa(fingerprintOf(use)),
  stampMillis: use.stampMillis,
  expiresAt: use.stampMillis + timestampSkewMillis + 1
})

const line = /^([0-9]{1,16}) ([A-Za-z0-9+/]{22}==)$/

const parseLine = (text: string): { readonly stampMillis: number; readonly fingerprint: string } => {
  const [, stamp, encoded] = line.exec(text) ?? []
  if (stamp === undefined || encoded === undefined)
    throw new Error(`a stored nonce reads "stamp fingerprint", not "${text}"`)
  return { stampMillis: Number(stamp), fingerprint: atob(encoded) }
}

/** The generations, newest first, and the timestamps of the deleted ones. */
class Memory {
  readonly forgotten = new StampRanges(cluster)
  #generations: ReadonlyArray<Generation> = []
  #age = 0
  #lookedAt: number | undefined
  #fresh: Array<StampRange> = []

  size(): number {
    let size = 0
    for (const { fingerprints } of this.#generations) size += fingerprints.size
    return size
  }

  knows(fingerprint: string): boolean {
    for (const { fingerprints } of this.#generations) if (fingerprints.has(fingerprint)) return true
    return false
  }

  remember(entry: { readonly fingerprint: string; readonly stampMillis: number }, nowMillis: number): void {
    const newest = this.newest(nowMillis)
    newest.fingerprints.add(entry.fingerprint)
    newest.stamps.add({ from: entry.stampMillis, to: entry.stampMillis })
  }

  /** The current generation. The memory ages with the clock, but not with a jump. */
  newest(nowMillis: number): Generation {
    this.#age += Math.min(Math.max(nowMillis - (this.#lookedAt ?? nowMillis), 0), ageStepMillisMax)
    this.#lookedAt = nowMillis
    const [newest] = this.#generations
    if (newest !== undefined && this.#age - newest.startedAt < generationMillis) return newest
    const next = { startedAt: this.#age, fingerprints: new FingerprintSet(), stamps: new StampRanges(cluster) }
    this.#keep([next, ...this.#generations.filter((old, place) => this.#isNeeded(old, place, nowMillis))])
    return next
  }

  /** Frees memory by deleting entries that fail by their timestamp now. */
  dropExpired(nowMillis: number): void {
    this.#keep(this.#generations.filter((old, place) => place === 0 || isStampToCome(old, nowMillis)))
  }

  takeForgotten(): ReadonlyArray<StampRange> {
    return this.#fresh.splice(0)
  }

  #isNeeded(old: Generation, place: number, nowMillis: number): boolean {
    if (place >= generationsKeptMax - 1) return false
    return this.#age - old.startedAt < generationMillis * generationsMax || isStampToCome(old, nowMillis)
  }

  /** Requests with deleted timestamps are refused from now on, at any time of the clock. */
  #keep(generations: ReadonlyArray<Generation>): void {
    for (const old of this.#generations) {
      if (generations.includes(old)) continue
      for (const { from, to } of old.stamps.all()) {
        // A batch in the store may have slightly earlier timestamps.
        const range = { from: from - timestampSkewMillis, to }
        this.forgotten.add(range)
        this.#fresh.push(range)
      }
    }
    this.#generations = generations
  }
}

/** Whether some request of the generation could still be accepted, now or later. */
const isStampToCome = ({ stamps }: Generation, nowMillis: number): boolean =>
  stamps.latest() + timestampSkewMillis >= nowMillis

export const makeReplayGuard = (options: ReplayGuardOptions): ReplayGuard => {
  const sizeMax = options.noncesMax ?? noncesMax
  const memory = new Memory()
  for (const range of options.forgotten ?? []) memory.forgotten.add(range)
  let pending: Array<{ readonly stampMillis: number; readonly fingerprint: string }> = []

  const isFull = (nowMillis: number): boolean => {
    if (memory.size() < sizeMax) return false
    memory.dropExpired(nowMillis)
    return memory.size() >= sizeMax
  }

  const check = (use: Use): Verdict => {
    memory.newest(use.nowMillis)
    if (memory.forgotten.covers(use.stampMillis)) return "forgotten"
    const fingerprint = fingerprintOf(use)
    if (memory.knows(fingerprint)) return "used"
    if (isFull(use.nowMillis)) return "full"
    const entry = { stampMillis: use.stampMillis, fingerprint }
    memory.remember(entry, use.nowMillis)
    if (options.drained) pending.push(entry)
    return "fresh"
  }

  const refusedNow = (nowMillis: number): ReadonlyArray<StampRange> =>
    memory.forgotten
      .all()
      .filter(({ from, to }) => from <= nowMillis + timestampSkewMillis && to >= nowMillis - timestampSkewMillis)

  const drain = (): NonceBatch | undefined => {
    if (pending.length === 0) return undefined
    const drained = pending
    pending = []
    const latest = drained.reduce((latest, { stampMillis }) => Math.max(latest, stampMillis), 0)
    return {
      expiresAt: latest + timestampSkewMillis + 1,
      lines: drained.map(({ stampMillis, fingerprint }) => `${stampMillis} ${btoa(fingerprint)}`)
    }
  }

  const restore = (batches: Iterable<NonceBatch>, nowMillis: number): void => {
    for (const { lines } of batches) for (const text of lines) memory.remember(parseLine(text), nowMillis)
  }

  return {
    check,
    drain,
    restore,
    isForgotten: (stampMillis) => memory.forgotten.covers(stampMillis),
    refusedNow,
    forgotten: () => memory.forgotten.all(),
    takeForgotten: () => memory.takeForgotten(),
    size: () => memory.size()
  }
}
