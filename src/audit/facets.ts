/** Counts of the values that the records of a filter have, one table for each member that a filter can select. */
import { agrees, filterNames, isInScope } from "../records/auditLine.ts"
import type { AuditEntry, AuditFilter, FilterName } from "../records/auditLine.ts"

/** Values of one member that are counted separately. Records with any further value are counted together. */
const valuesMax = 100_000

export interface ValueCount {
  readonly value: string
  readonly count: number
}

/** The most frequent values of one member, and what is left. */
export interface Facet {
  readonly values: ReadonlyArray<ValueCount>
  /** Other values and the number of their records. */
  readonly more: { readonly values: number; readonly count: number }
}

export interface FacetCounts {
  /** Records that pass the whole filter. */
  readonly total: number
  /** For each member, records that pass the filter without its condition on this member. */
  readonly facets: Readonly<Record<FilterName, Facet>>
}

interface Counted {
  readonly counts: Map<string, number>
  /** Records with a value that is not counted separately. */
  others: number
}

export interface FacetCounter {
  /** Counts a record; `at` is its time if the entry is that of a record like it. */
  readonly add: (entry: AuditEntry, at?: number) => void
  /** `top` values of each member, and the value that the filter requires. */
  readonly counts: (top: number) => FacetCounts
}

const count = (counted: Counted, value: string): void => {
  const known = counted.counts.get(value)
  if (known === undefined && counted.counts.size >= valuesMax) counted.others++
  else counted.counts.set(value, (known ?? 0) + 1)
}

const facetOf = ({ counts, others }: Counted, top: number, chosen: string | undefined): Facet => {
  const sorted = [...counts]
    .map(([value, count]) => ({ value, count }))
    .toSorted((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1))
  const values = sorted.filter(({ value }, index) => index < top || value === chosen)
  const shown = values.reduce((sum, one) => sum + one.count, 0)
  const all = sorted.reduce((sum, one) => sum + one.count, others)
  return { values, more: { values: sorted.length - values.length + (others > 0 ? 1 : 0), count: all - shown } }
}

export const makeFacetCounter = (filter: AuditFilter): FacetCounter => {
  const fresh = (): Counted => ({ counts: new Map(), others: 0 })
  const tables: Readonly<Record<FilterName, Counted>> = {
    operation: fresh(),
    outcome: fresh(),
    principal: fresh(),
    keyId: fresh()
  }
  const isNamed = filterNames.some((name) => filter[name] !== undefined)
  let total = 0
  return {
    add: (entry, at) => {
      if (!isInScope(entry, filter, at)) return
      const missed = isNamed ? filterNames.filter((name) => !agrees(entry, filter, name)) : []
      if (missed.length > 1) return
      if (missed.length === 0) total++
      for (const name of missed.length === 0 ? filterNames : missed) {
        const value = entry[name]
        if (value !== null) count(tables[name], value)
      }
    },
    counts: (top) => ({
      total,
      facets: {
        operation: facetOf(tables.operation, top, filter.operation),
        outcome: facetOf(tables.outcome, top, filter.outcome),
        principal: facetOf(tables.principal, top, filter.principal),
        keyId: facetOf(tables.keyId, top, filter.keyId)
      }
    })
  }
}
