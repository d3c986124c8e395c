/** The definition of a law. */
import type { OperationName, Profile } from "../adapters/adapter.ts"

/** A broken MUST is a violation. A broken SHOULD is reported and does not fail the run. */
export type Severity = "MUST" | "SHOULD"

export interface LawOf<Id extends string> {
  /** `KMS-LC-003`. An id never changes its meaning. */
  readonly id: Id
  readonly group: string
  readonly sentence: string
  readonly severity: Severity
  /** The clause of the guide or the API. */
  readonly source: string
  /** The profiles that the service needs for a test of the law. */
  readonly needs: {
    readonly operations: ReadonlyArray<OperationName>
    readonly profile: Profile
    readonly clock?: true
  }
}

interface Group {
  readonly name: string
  readonly profile: Profile
}

interface More {
  readonly severity?: Severity
  readonly clock?: true
  readonly profile?: Profile
}

interface Entry {
  readonly sentence: string
  readonly source: string
  readonly operations: ReadonlyArray<OperationName>
  readonly more: More
}

/** One law: its sentence, its source, and the operations that it needs. */
export const law = (
  sentence: string,
  source: string,
  operations: ReadonlyArray<OperationName>,
  more: More = {}
): Entry => ({ sentence, source, operations, more })

const entriesOf = <Key extends string, Value>(record: Readonly<Record<Key, Value>>): ReadonlyArray<[Key, Value]> =>
  Object.entries(record) as Array<[Key, Value]>

/** The laws of one group, by their ids. */
export const lawsOf = <Id extends `KMS-${string}-${number}`>(
  { name, profile }: Group,
  entries: Readonly<Record<Id, Entry>>
): ReadonlyArray<LawOf<Id>> =>
  entriesOf(entries).map(([id, { sentence, source, operations, more }]) => ({
    id,
    group: name,
    sentence,
    severity: more.severity ?? "MUST",
    source,
    needs: { operations, profile: more.profile ?? profile, ...(more.clock === undefined ? {} : { clock: more.clock }) }
  }))

/** The pages that the laws cite most. */
export const table = "API, impact of CMK status on API calls"
export const guide = (section: string): string => `User guide, ${section}`
export const api = (page: string): string => `API, ${page}`
