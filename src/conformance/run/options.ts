/** How much a run does, and what it may find. */
import type { Profile } from "../adapters/adapter.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Dialect } from "../dialects/dialect.ts"

/** The name of a part of a run. */
export type Phase = "exhaustive" | "metamorphic" | "walks" | "bursts"

/** How far a run has come. */
export interface Progress {
  readonly phase: Phase | "replaying" | "shrinking"
  readonly done: number
  readonly of: number
  readonly calls: number
  readonly broken: number
}

/** Everything has a default. */
export interface ConformanceOptions {
  /** The vendor's unless another is given. */
  readonly dialect?: Dialect
  /** Which profiles, of those the adapter has. */
  readonly profiles?: ReadonlyArray<Profile>
  /** Everything random follows from it. */
  readonly seed?: string
  /** Random sequences. */
  readonly runs?: number
  /** Steps in a random sequence at most. */
  readonly maxLength?: number
  /** Calls in a burst at most. */
  readonly parallel?: number
  /**
   * Time for the whole run, in milliseconds; what is not reached in it is reported as such. Where laws broke, running
   * their counterexamples again may take half as long again.
   */
  readonly budgetMillis?: number
  /** Laws that are expected to be broken. */
  readonly known?: ReadonlyArray<LawId>
  /** Goes no further once so many laws are broken; by default every broken law is looked for. */
  readonly stopAfter?: number
  /** All of them unless some are named. */
  readonly phases?: ReadonlyArray<Phase>
  /** Whether counterexamples are made as short as they get; on unless switched off. */
  readonly shrink?: boolean
  readonly onProgress?: (progress: Progress) => void
}
