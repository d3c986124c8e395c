/** Remembers which requests were accepted, so that each is accepted once. */
import { hash } from "node:crypto"
import { nonceLifetimeMillis, timestampSkewMillis } from "../domain/limits.ts"
import type { NonceBatch } from "../store/store.ts"
import { FingerprintSet, fingerprintChars } from "./fingerprintSet.ts"

/** About 350 MB when full, and 2,800 requests a second without end: entries live at most 50 minutes. */
export const noncesMax = 2 ** 23

/** Nonces are forgotten a generation at a time: by dropping it, not by looking for them. */
const generationMillis = nonceLifetimeMillis / 3
const generationsMax = 4

/** What makes a request unlike every other of its access key: its nonce or, where it has none, its signature. */
export interface Use {
  readonly accessKeyId: string
  readonly by: "nonce" | "signature"
  readonly text: string
  /** The request's own timestamp. */
  readonly stampMillis: number
  readonly nowMillis: number
}

export type Verdict = "fresh" | "used" | "full" | "expired"

export interface ReplayGuard {
  /** Remembers a fresh use. When the memory is full nothing is forgotten: what is not known is refused as well. */
  readonly check: (use: Use) => Verdict
  /** Requests stamped earlier may have been accepted and forgotten, so they have to be refused as expired. */
  readonly refuseBeforeMillis: (nowMillis: number) => number
  /** What was accepted since the last call, for the store; undefined if nothing was. */
  readonly drain: () => NonceBatch | undefined
  /** Takes back what an earlier run gave to the store. */
  readonly restore: (batches: Iterable<NonceBatch>, nowMillis: number) => void
  readonly size: () => number
}

export interface ReplayGuardOptions {
  /** The start of this run if the one before did not end cleanly; what that one had not yet stored is lost. */
  readonly refuseBeforeMillis?: number
  /** Whether somebody drains. Otherwise nothing is gathered for the store. */
  readonly drained: boolean
  readonly noncesMax?: number
}

interface Generation {
  readonly startedAtMillis: number
  readonly fingerprints: FingerprintSet
  latestStampMillis: number
}

/**
 * A nonce counts by its exact text, and for its access key alone: the id's length keeps the two apart. 128 bits of
 * SHA-256 stand for it, so that long nonces cost no more memory than short ones.
 */
const fingerprintOf = (use: Use): string =>
  hash("sha256", `${use.by} ${use.accessKeyId.length} ${use.accessKeyId} ${use.text}`, "binary").slice(
    0,
    fingerprintChars
  )

const line = /^([0-9]{1,16}) ([A-Za-z0-9+/]{22}==)$/

const parseLine = (text: string): { readonly stampMillis: number; readonly fingerprint: string } => {
  const [, stamp, encoded] = line.exec(text) ?? []
  if (stamp === undefined || encoded === undefined)
    throw new Error(`a stored nonce reads "stamp fingerprint", not "${text}"`)
  return { stampMillis: Number(stamp), fingerprint: atob(encoded) }
}

/** The generations, newest first, and the instant before which they are not complete. */
class Memory {
  generations: ReadonlyArray<Generation> = []
  refuseBeforeMillis: number

  constructor(refuseBeforeMillis: number) {
    this.refuseBeforeMillis = refuseBeforeMillis
  }

  size(): number {
    let size = 0
    for (const { fingerprints } of this.generations) size += fingerprints.size
    return size
  }

  knows(fingerprint: string): boolean {
    for (const { fingerprints } of this.generations) if (fingerprints.has(fingerprint)) return true
    return false
  }

  remember(entry: { readonly fingerprint: string; readonly stampMillis: number }, nowMillis: number): void {
    const newest = this.newest(nowMillis)
    newest.fingerprints.add(entry.fingerprint)
    newest.latestStampMillis = Math.max(newest.latestStampMillis, entry.stampMillis)
  }

  /** The generation of now. A clock set back a little changes nothing: entries only live longer. */
  newest(nowMillis: number): Generation {
    const [newest] = this.generations
    if (newest !== undefined && Math.abs(nowMillis - newest.startedAtMillis) < generationMillis) return newest
    const next = { startedAtMillis: nowMillis, fingerprints: new FingerprintSet(), latestStampMillis: 0 }
    const stillNeeded = nowMillis - generationMillis * generationsMax
    this.keep([
      next,
      ...this.generations.filter((old, i) => i < generationsMax - 1 && old.startedAtMillis > stillNeeded)
    ])
    return next
  }

  /**
   * What is dropped was stamped more than 15 minutes ago and fails by its timestamp, unless the clock was set: then this
   * keeps it from being accepted again.
   */
  private keep(generations: ReadonlyArray<Generation>): void {
    for (const old of this.generations) {
      if (!generations.includes(old)) {
        this.refuseBeforeMillis = Math.max(this.refuseBeforeMillis, old.latestStampMillis + 1)
      }
    }
    this.generations = generations
  }
}

export const makeReplayGuard = (options: ReplayGuardOptions): ReplayGuard => {
  const sizeMax = options.noncesMax ?? noncesMax
  const memory = new Memory(options.refuseBeforeMillis ?? 0)
  let pending: Array<{ readonly stampMillis: number; readonly fingerprint: string }> = []

  const refuseBeforeMillis = (nowMillis: number): number => {
    memory.newest(nowMillis)
    return memory.refuseBeforeMillis
  }

  const check = (use: Use): Verdict => {
    if (use.stampMillis < refuseBeforeMillis(use.nowMillis)) return "expired"
    const fingerprint = fingerprintOf(use)
    if (memory.knows(fingerprint)) return "used"
    if (memory.size() >= sizeMax) return "full"
    const entry = { stampMillis: use.stampMillis, fingerprint }
    memory.remember(entry, use.nowMillis)
    if (options.drained) pending.push(entry)
    return "fresh"
  }

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

  return { check, drain, restore, refuseBeforeMillis, size: () => memory.size() }
}
