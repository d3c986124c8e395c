/** The extent of a run, and the violations that it may find. */
import type { Profile } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Dialect } from "../dialects/dialect.ts"

/** The name of a part of a run. */
export type Phase = "exhaustive" | "metamorphic" | "walks" | "bursts"

/** The progress of a run. */
export interface Progress {
  readonly phase: Phase | "replaying" | "shrinking"
  readonly done: number
  readonly of: number
  readonly calls: number
  readonly broken: number
}

/** Every option has a default. */
export interface ConformanceOptions {
  /** The dialect; the vendor's if absent. */
  readonly dialect?: Dialect
  /** The profiles to test, out of those that the adapter has. */
  readonly profiles?: ReadonlyArray<Profile>
  /** The seed of all random choices. */
  readonly seed?: string
  /** The number of random sequences. */
  readonly runs?: number
  /** The most steps of a random sequence. */
  readonly maxLength?: number
  /** The most calls of a burst. */
  readonly parallel?: number
  /**
   * The time limit of the run in milliseconds; the report lists what was not reached. Replays of counterexamples may
   * take half as long again.
   */
  readonly budgetMillis?: number
  /** Laws that are expected to be broken. */
  readonly known?: ReadonlyArray<LawId>
  /** Stops after this number of broken laws; by default the run looks for all. */
  readonly stopAfter?: number
  /** The phases to run; all if absent. */
  readonly phases?: ReadonlyArray<Phase>
  /** Whether counterexamples are shortened; true by default. */
  readonly shrink?: boolean
  readonly onProgress?: (progress: Progress) => void
}
