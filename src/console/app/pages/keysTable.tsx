/** The table of keys: compact rows with a checkbox, the chosen columns, and actions. */
import type { ReactNode } from "react"
import type { KeyRow, KeySort } from "../../protocol.ts"
import { dueOf, dueWord, nameOf, nextOf, pathOf } from "../data/keys.ts"
import { Link, setQuery } from "../data/router.tsx"
import { instant } from "../data/time.ts"
import { icons } from "../parts/icons.tsx"
import { Countdown, Moment } from "../parts/moment.tsx"
import { rotationWord, StateBadge } from "../parts/state.tsx"
import { columns } from "./keyColumns.ts"
import type { ColumnName } from "./keyColumns.ts"
import { t } from "../text/text.ts"
import { RefusedWord } from "../parts/basic.tsx"

/** The order of the list, as the address has it. */
export interface Order {
  readonly sort: string
  readonly descending: boolean
}

export const orderIn = (query: URLSearchParams): Order => ({
  sort: query.get("sort") ?? "created",
  descending: query.get("descending") === "true"
})

interface TableProps {
  readonly rows: ReadonlyArray<KeyRow>
  readonly shown: ReadonlyArray<ColumnName>
  readonly order: Order
  readonly chosen: ReadonlyMap<string, KeyRow>
  readonly used: (keyId: string) => ReactNode
  readonly onChoose: (rows: ReadonlyArray<KeyRow>, isChosen: boolean) => void
  readonly onAct: (row: KeyRow) => void
}

export const KeysTable = ({ rows, shown, order, chosen, used, onChoose, onAct }: TableProps) => {
  const isAll = rows.every(({ keyId }) => chosen.has(keyId))
  const seen = columns.filter(({ name }) => shown.includes(name))
  return (
    <div className="tableBox compact" tabIndex={0} role="region" aria-label={t("Keys")}>
      <table>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label={t("Select all keys shown")}
                checked={isAll}
                onChange={() => onChoose(rows, !isAll)}
              />
            </th>
            <SortHead word={t("Key")} sort="name" order={order} />
            {seen.map((column) =>
              "sort" in column ? (
                <SortHead key={column.name} word={t(column.word)} sort={column.sort} order={order} isWide />
              ) : (
                <th key={column.name} scope="col" className="wide">
                  {t(column.word)}
                </th>
              )
            )}
            <th scope="col">
              <span className="unseen">{t("Actions")}</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.keyId} className={chosen.has(row.keyId) ? "chosen" : undefined}>
              <td>
                <input
                  type="checkbox"
                  aria-label={t("Select {name}", { name: nameOf(row) })}
                  checked={chosen.has(row.keyId)}
                  onChange={() => onChoose([row], !chosen.has(row.keyId))}
                />
              </td>
              <th scope="row">
                <Identity row={row} />
              </th>
              {seen.map(({ name }) => (
                <td key={name} className={name === "spec" ? "word wide" : "wide"}>
                  {name === "used" ? used(row.keyId) : cells[name](row)}
                </td>
              ))}
              <td className="copies">
                <button
                  type="button"
                  className="button plain"
                  aria-label={t("Actions for {name}", { name: nameOf(row) })}
                  onClick={() => onAct(row)}
                >
                  {icons.more}
                </button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface SortHeadProps {
  readonly word: string
  readonly sort: KeySort
  readonly order: Order
  readonly isWide?: boolean
}

const SortHead = ({ word, sort, order, isWide = false }: SortHeadProps) => {
  const isSorted = order.sort === sort
  const direction = order.descending ? "descending" : "ascending"
  const descending = isSorted && !order.descending ? "true" : undefined
  return (
    <th scope="col" className={isWide ? "wide" : undefined} aria-sort={isSorted ? direction : undefined}>
      <button
        type="button"
        className="sortButton"
        onClick={() => setQuery({ sort: sort === "created" ? undefined : sort, descending, page: undefined })}
      >
        {word}
        <span aria-hidden="true">{isSorted && (order.descending ? " ↓" : " ↑")}</span>
      </button>
    </th>
  )
}

const none = <span className="quiet">—</span>

const Next = ({ row }: { readonly row: KeyRow }) => {
  const next = nextOf(row)
  if (next === undefined) return none
  return (
    <>
      {dueWord(next.kind)}
      <span className="why">
        <Countdown to={next.dueAt} what={dueOf(next.kind, nameOf(row))} />
      </span>
    </>
  )
}

const Created = ({ row }: { readonly row: KeyRow }) => {
  const at = instant(row.createdAt)
  return at === undefined ? none : <Moment at={at} lead="relative" />
}

const cells: Readonly<Record<Exclude<ColumnName, "used">, (row: KeyRow) => ReactNode>> = {
  state: ({ state }) => <StateBadge state={state} />,
  spec: ({ spec, usage }) => (
    <>
      {spec}
      <span className="why">{usage}</span>
    </>
  ),
  origin: ({ origin }) => origin,
  protection: ({ protection }) => protection,
  rotation: ({ rotation }) => rotationWord(rotation),
  creator: ({ creator }) => creator,
  created: (row) => <Created row={row} />,
  next: (row) => <Next row={row} />
}

/** The name of the key, and why no more of it is shown. */
const Identity = ({ row }: { readonly row: KeyRow }) => {
  const { aliases = [], description, keyId, refused, tags = {} } = row
  const title = nameOf(row)
  return (
    <>
      <Link to={pathOf(keyId)}>{title}</Link>
      <span className="narrow">
        <StateBadge state={row.state} />
      </span>
      {aliases.length > 1 && <span className="quiet small"> {aliases.slice(1).join(", ")}</span>}
      {Object.entries(tags).map(([key, value]) => (
        <span key={key}>
          {" "}
          <span className="tag">{value === "" ? key : `${key}=${value}`}</span>
        </span>
      ))}
      {title !== keyId && (
        <span className="why">
          {description !== "" && description !== title && <>{description} · </>}
          <code>{keyId}</code>
        </span>
      )}
      {refused !== undefined && (
        <span className="why">
          <RefusedWord refusal={refused} /> <code>{refused.code}</code>
        </span>
      )}
    </>
  )
}
