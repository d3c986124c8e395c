/** The processes of one server, and their joint metrics. */
import { Context } from "effect"
import type { Effect } from "effect"
import type { Sample } from "./series.ts"

/** The number of processes of the server. */
export interface Headcount {
  /** The number of workers that accept connections now. */
  readonly listening: number
  readonly wanted: number
  /** Whether all workers have listened at some time since the start. */
  readonly hasStarted: boolean
}

/** What a process of a server knows of the other processes. */
export interface OtherWorkers {
  readonly headcount: () => Headcount
  /** Sends the samples of this process, and returns those of the others. */
  readonly exchange: (own: ReadonlyArray<Sample>) => Effect.Effect<ReadonlyArray<ReadonlyArray<Sample>>>
  /** Sets how the other processes get the samples of this one. */
  readonly answerWith: (own: Effect.Effect<ReadonlyArray<Sample>>) => Effect.Effect<void>
}

/** Undefined for a server with one process. */
export const Workers = Context.Reference<OtherWorkers | undefined>("keystate/monitoring/Workers", {
  defaultValue: () => undefined
})
