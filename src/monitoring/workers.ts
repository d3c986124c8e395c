/** The processes of one server, and what its metrics are for all of them. */
import { Context } from "effect"
import type { Effect } from "effect"
import type { Sample } from "./series.ts"

/** How many processes a server has. */
export interface Headcount {
  /** Those that accept connections now. */
  readonly listening: number
  readonly wanted: number
  /** Whether all of them have listened at some time since the start. */
  readonly hasStarted: boolean
}

/** What a process of a server knows of the others. */
export interface OtherWorkers {
  readonly headcount: () => Headcount
  /** Gives the samples of this process, and returns those of the others. */
  readonly exchange: (own: ReadonlyArray<Sample>) => Effect.Effect<ReadonlyArray<ReadonlyArray<Sample>>>
  /** Sets how the others get the samples of this process. */
  readonly answerWith: (own: Effect.Effect<ReadonlyArray<Sample>>) => Effect.Effect<void>
}

/** Undefined for a server of one process. */
export const Workers = Context.Reference<OtherWorkers | undefined>("keystate/monitoring/Workers", {
  defaultValue: () => undefined
})
