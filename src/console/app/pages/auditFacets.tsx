/** What the records of the Audit page have in common, with counts. A value is a button that sets or clears its filter. */
import { useState } from "react"
import type { AuditCounts, AuditFacet } from "../../protocol.ts"
import { setQuery } from "../data/router.tsx"
import { useAuditCounts } from "../data/useAuditCounts.ts"
import { Breakable, Refused } from "../parts/basic.tsx"
import { filterIn, textFilters } from "./auditQuery.ts"
import { counted, plural, t } from "../text/text.ts"

/** On a narrow page the counts would hide the records. */
const opensByItself = (): boolean => window.matchMedia("(min-width: 900px)").matches

const recordsWord = (count: number): string =>
  plural(count, { one: "{count} record", other: "{count} records" }, { count })

const statusWord = (counts: AuditCounts | undefined): string => {
  if (counts === undefined) return t("Counting…")
  const { isComplete, total } = counts
  const records = recordsWord(total)
  return isComplete ? t("{records} in all", { records }) : t("{records} so far, counting…", { records })
}

export const AuditFacets = ({ query }: { readonly query: URLSearchParams }) => {
  const [isOpen, setOpen] = useState(opensByItself)
  const { counts, refusal } = useAuditCounts(isOpen ? filterIn(query) : undefined)
  return (
    <details className="auditFacets" open={isOpen} onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary>{t("Counts")}</summary>
      <div className="stack tight">
        {refusal === undefined && (
          <p className="quiet" role="status">
            {statusWord(counts)}
          </p>
        )}
        <Refused refusal={refusal} />
        {counts !== undefined && !counts.isComplete && (
          <progress aria-label={t("Audit log counted")} value={counts.share} max={1} />
        )}
        {counts !== undefined && (
          <div className="facets">
            {textFilters.map(([name, , label, member]) => (
              <Values
                key={name}
                label={t(label)}
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
  <section aria-label={t("Records by {label}", { label })}>
    <h2>{label}</h2>
    {values.length === 0 && <p className="quiet small">{t("None")}</p>}
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
            <span className="count">{counted(count)}</span>
          </button>
        </li>
      ))}
    </ul>
    {more.values > 0 && (
      <p className="quiet small">
        {plural(
          more.values,
          { one: "{values} more value, {records}", other: "{values} more values, {records}" },
          { values: more.values, records: recordsWord(more.count) }
        )}
      </p>
    )}
  </section>
)
