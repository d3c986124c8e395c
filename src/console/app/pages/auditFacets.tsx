/** What the records of the Audit page have in common, with counts. A value is a button that sets or clears its filter. */
import { useState } from "react"
import type { AuditCounts, AuditFacet } from "../../protocol.ts"
import { setQuery } from "../data/router.tsx"
import { useAuditCounts } from "../data/useAuditCounts.ts"
import { Breakable, Refused } from "../parts/basic.tsx"
import { filterIn, textFilters } from "./auditQuery.ts"

/** On a narrow page the counts would hide the records. */
const opensByItself = (): boolean => window.matchMedia("(min-width: 900px)").matches

const numberText = (count: number): string => count.toLocaleString("en-US")

const recordsWord = (count: number): string => `${numberText(count)} ${count === 1 ? "record" : "records"}`

const statusWord = (counts: AuditCounts | undefined): string => {
  if (counts === undefined) return "Counting…"
  const { isComplete, total } = counts
  return isComplete ? `${recordsWord(total)} in all` : `${recordsWord(total)} so far, counting…`
}

export const AuditFacets = ({ query }: { readonly query: URLSearchParams }) => {
  const [isOpen, setOpen] = useState(opensByItself)
  const { counts, refusal } = useAuditCounts(isOpen ? filterIn(query) : undefined)
  return (
    <details className="auditFacets" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>Counts</summary>
      <div className="stack tight">
        {refusal === undefined && (
          <p className="quiet" role="status">
            {statusWord(counts)}
          </p>
        )}
        <Refused refusal={refusal} />
        {counts !== undefined && !counts.isComplete && (
          <progress aria-label="Audit log counted" value={counts.share} max={1} />
        )}
        {counts !== undefined && (
          <div className="facets">
            {textFilters.map(([name, , label, member]) => (
              <Values
                key={name}
                label={label}
                facet={counts.facets[member]}
                chosen={query.get(name) ?? ""}
                onChoose={(value) => setQuery({ [name]: value })}
              />
            ))}
          </div>
        )}
      </div>
    </details>
  )
}

interface ValuesProps {
  readonly label: string
  readonly facet: AuditFacet
  readonly chosen: string
  readonly onChoose: (value: string | undefined) => void
}

const Values = ({ chosen, facet: { more, values }, label, onChoose }: ValuesProps) => (
  <section aria-label={`Records by ${label}`}>
    <h2>{label}</h2>
    {values.length === 0 && <p className="quiet small">None</p>}
    <ul>
      {values.map(({ count, value }) => (
        <li key={value}>
          <button
            type="button"
            aria-pressed={value === chosen}
            onClick={() => onChoose(value === chosen ? undefined : value)}
          >
            <span>
              <Breakable text={value} />
            </span>
            <span className="count">{numberText(count)}</span>
          </button>
        </li>
      ))}
    </ul>
    {more.values > 0 && (
      <p className="quiet small">
        {numberText(more.values)} more {more.values === 1 ? "value" : "values"}, {recordsWord(more.count)}
      </p>
    )}
  </section>
)
