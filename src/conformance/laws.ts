/** The laws a key management service is held to: one table, with ids that never change their meaning. */
import type { OperationName, Profile } from "./adapter.ts"
import type { Severity } from "./report.ts"

export interface Law {
  readonly id: string
  readonly group: string
  readonly sentence: string
  readonly severity: Severity
  /** Where the guide or the API says so. */
  readonly source: string
  /** What has to be there for the law to be put to the test. */
  readonly needs: {
    readonly operations: ReadonlyArray<OperationName>
    readonly profile: Profile
    readonly clock?: true
  }
}

export const laws: ReadonlyArray<Law> = []

export const lawOf = (id: string): Law => {
  const law = laws.find((known) => known.id === id)
  if (law === undefined) throw new Error(`no law ${id}`)
  return law
}
