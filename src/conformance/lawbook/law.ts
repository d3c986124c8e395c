/** What a law is, and a short way to write one down. */
import type { OperationName, Profile } from "../adapters/adapter.ts"
import type { Severity } from "../report/report.ts"

export interface Law {
  /** `KMS-LC-003`. */
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

interface Group {
  readonly prefix: string
  readonly name: string
  readonly profile: Profile
}

interface More {
  readonly severity?: Severity
  readonly clock?: true
  readonly profile?: Profile
}

/** One line a law: its number, its sentence, its source, the operations it needs. */
export const lawsOf =
  ({ prefix, name, profile }: Group) =>
  (
    number: number,
    sentence: string,
    source: string,
    operations: ReadonlyArray<OperationName>,
    more: More = {}
  ): Law => ({
    id: `KMS-${prefix}-${String(number).padStart(3, "0")}`,
    group: name,
    sentence,
    severity: more.severity ?? "MUST",
    source,
    needs: { operations, profile: more.profile ?? profile, ...(more.clock === undefined ? {} : { clock: more.clock }) }
  })

/** The pages that are cited most. */
export const table = "API, impact of CMK status on API calls"
export const guide = (section: string): string => `User guide, ${section}`
export const api = (page: string): string => `API, ${page}`
