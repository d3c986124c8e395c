/** The result of a run, before it becomes a report. */
import type { KmsAdapter, OperationName } from "../adapters/adapter.ts"
import type { Shrunk } from "../counterexamples/shrink.ts"
import type { LawId } from "../lawbook/laws.ts"
import type { Settings } from "../run/settings.ts"
import type { Tally } from "../run/tally.ts"

export interface Outcome {
  readonly adapter: KmsAdapter
  readonly settings: Settings
  readonly tally: Tally
  readonly shrunk: ReadonlyArray<Shrunk>
  /** Laws of concurrency that broke because other laws are broken. */
  readonly explained: ReadonlySet<LawId>
  readonly runs: number
  /** The service accepts no more keys. */
  readonly quota: boolean
  readonly cutShort: boolean
  readonly elapsedMillis: number
  readonly has: ReadonlySet<OperationName>
  readonly error?: string
}
