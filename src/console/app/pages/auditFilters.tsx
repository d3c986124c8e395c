/** The filters of the Audit page: the range of time, exact values, and switches. They are part of the address. */
import { setQuery } from "../data/router.tsx"
import { lifecycleNow, useConsole } from "../data/store.ts"
import { fieldText, timeOfField } from "../data/time.ts"
import { useZone } from "../data/useZone.ts"
import { Button, Check, Choice, Field } from "../parts/basic.tsx"
import {
  filterIn,
  isOn,
  noFilter,
  orders,
  orderIn,
  switches,
  switchNames,
  textFilters,
  timeFilters
} from "./auditQuery.ts"
import { t } from "../text/text.ts"

const choices = () => Object.entries(orders).map(([name, { word }]) => [name, t(word)] as const)

const hour = 3_600_000
const presets = [
  ["Last hour", hour],
  ["Last day", 24 * hour],
  ["Last 7 days", 7 * 24 * hour],
  ["Last 30 days", 30 * 24 * hour]
] as const

const instantText = (millis: number): string => new Date(millis).toISOString()

/** Ends with the newest record, and begins at a full second, which a field can show. */
const chooseLast = (span: number): void =>
  setQuery({ since: instantText(Math.floor((lifecycleNow() - span) / 1000) * 1000), until: undefined })

export const AuditFilters = ({ query }: { readonly query: URLSearchParams }) => {
  const { session } = useConsole()
  const offered = switchNames.filter((name) => name !== "accounts" || session?.administersServer === true)
  return (
    <form
      className="stack tight"
      role="search"
      aria-label={t("Audit log")}
      onSubmit={(event) => event.preventDefault()}
    >
      <TimeRange query={query} />
      <div className="filters">
        {textFilters.map(([name, , label]) => (
          <Field key={name} label={t(label)}>
            {(ids) => (
              <input
                {...ids}
                value={query.get(name) ?? ""}
                onChange={(event) => setQuery({ [name]: event.target.value })}
                spellCheck={false}
              />
            )}
          </Field>
        ))}
        <Choice
          label={t("Order")}
          value={orderIn(query)}
          options={choices()}
          onChange={(value) => setQuery({ order: value })}
        />
      </div>
      <div className="row">
        {offered.map((name) => (
          <Check
            key={name}
            checked={isOn(query, name)}
            onChange={(on) => setQuery({ [name]: on ? switches[name].on : undefined })}
          >
            {t(switches[name].label)}
          </Check>
        ))}
        {Object.keys(filterIn(query)).length > 0 && (
          <Button look="plain" onClick={() => setQuery(noFilter)}>
            {t("Clear filters")}
          </Button>
        )}
      </div>
    </form>
  )
}

const TimeRange = ({ query }: { readonly query: URLSearchParams }) => {
  const zone = useZone()
  const zoneWord = zone === "utc" ? "UTC" : t("local time")
  return (
    <div className="timeRange">
      {timeFilters.map(([name, , label]) => (
        <Field key={`${name} ${zone}`} label={t("{label}, {zone}", { label: t(label), zone: zoneWord })}>
          {(ids) => (
            <input
              {...ids}
              type="datetime-local"
              step={1}
              value={fieldText(Date.parse(query.get(name) ?? ""))}
              onChange={({ target }) => {
                const millis = timeOfField(target.value)
                setQuery({ [name]: millis === undefined ? undefined : instantText(millis) })
              }}
            />
          )}
        </Field>
      ))}
      <div className="row" role="group" aria-label={t("Range of time")}>
        {presets.map(([word, span]) => (
          <Button key={word} small onClick={() => chooseLast(span)}>
            {t(word)}
          </Button>
        ))}
        <Button small onClick={() => setQuery({ since: undefined, until: undefined })}>
          {t("Any time")}
        </Button>
      </div>
    </div>
  )
}
