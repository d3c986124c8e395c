/** All keys: filters kept in the address, a table, and what can be done with several at once. */
import { useEffect, useRef, useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { dueWord, filterNames, filters, isWanted, looksLikeKeyId, nameOf, nextOf, pathOf } from "../data/keys.ts"
import type { FilterName } from "../data/keys.ts"
import { go, Link, setQuery, usePlace } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { Button, Choice, Empty, Field, Refused } from "../parts/basic.tsx"
import { Countdown } from "../parts/moment.tsx"
import { StateBadge, wordOf } from "../parts/state.tsx"
import { BulkDialog } from "./bulk.tsx"
import { CreateKeyDialog } from "./createKey.tsx"

type Open = "create" | "schedule" | "cancel" | undefined

export const KeysPage = () => {
  const { keys, refused } = useConsole()
  const { query } = usePlace()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [open, setOpen] = useState<Open>()
  const rows = [...(keys?.values() ?? [])]
  const shown = rows.filter((row) => isWanted(row, query))
  const picked = shown.filter(({ keyId }) => chosen.has(keyId))
  const close = (): void => setOpen(undefined)
  return (
    <>
      <div className="pageHead">
        <div>
          <h1>Keys</h1>
          <p className="quiet" role="status">
            {keys === undefined
              ? "Reading the keys…"
              : shown.length === rows.length
                ? `${rows.length} keys`
                : `${shown.length} of ${rows.length} keys`}
          </p>
        </div>
        <Button look="main" onClick={() => setOpen("create")}>
          Create key
        </Button>
      </div>
      <div className="stack">
        <Refused refusal={refused} />
        <Filters rows={rows} query={query} />
        {picked.length > 0 && (
          <div className="row" role="group" aria-label="Chosen keys">
            <strong>{picked.length} chosen</strong>
            <Button small look="danger" onClick={() => setOpen("schedule")}>
              Schedule deletion…
            </Button>
            <Button small onClick={() => setOpen("cancel")}>
              Cancel deletion…
            </Button>
            <Button small look="plain" onClick={() => setChosen(new Set())}>
              Choose none
            </Button>
          </div>
        )}
        {keys === undefined ? null : shown.length === 0 ? (
          <NoKeys isFirst={rows.length === 0} isKnown={refused === undefined} sought={(query.get("q") ?? "").trim()} />
        ) : (
          <Table rows={shown} chosen={chosen} onChoose={setChosen} />
        )}
      </div>
      {open === "create" && <CreateKeyDialog onClose={close} onMade={(keyId) => go(pathOf(keyId))} />}
      {(open === "schedule" || open === "cancel") && <BulkDialog rows={picked} intent={open} onClose={close} />}
    </>
  )
}

interface NoKeysProps {
  readonly isFirst: boolean
  readonly isKnown: boolean
  readonly sought: string
}

const NoKeys = ({ isFirst, isKnown, sought }: NoKeysProps) => {
  if (looksLikeKeyId(sought)) {
    return (
      <div className="card">
        <Empty>
          No key of this list has that id.{" "}
          <Link to={pathOf(sought)}>Open its page: a deleted key leaves its history.</Link>
        </Empty>
      </div>
    )
  }
  if (!isKnown) return null
  return (
    <div className="card">
      <Empty>
        {isFirst
          ? "There is no key in this region yet. Create the first one."
          : "No key matches these filters. Take one away to see more."}
      </Empty>
    </div>
  )
}

const Filters = ({ rows, query }: { readonly rows: ReadonlyArray<KeyRow>; readonly query: URLSearchParams }) => {
  const search = useRef<HTMLInputElement>(null)
  const isAsked = query.get("focus") === "search"
  useEffect(() => {
    if (!isAsked) return
    search.current?.focus()
    setQuery({ focus: undefined })
  }, [isAsked])
  const optionsOf = (name: FilterName): ReadonlyArray<readonly [string, string]> => {
    const values = new Set(rows.map(filters[name].of).filter((value) => value !== ""))
    const wanted = query.get(name)
    if (wanted !== null) values.add(wanted)
    return [
      ["", "Any"],
      ...[...values].sort().map((value) => [value, name === "state" ? wordOf(value) : value] as const)
    ]
  }
  return (
    <form className="filters" role="search" aria-label="Keys" onSubmit={(event) => event.preventDefault()}>
      <Field label="Search">
        {(ids) => (
          <input
            {...ids}
            ref={search}
            type="search"
            placeholder="Name, tag or id"
            value={query.get("q") ?? ""}
            onChange={(event) => setQuery({ q: event.target.value })}
          />
        )}
      </Field>
      {filterNames.map((name) => (
        <Choice
          key={name}
          label={filters[name].label}
          value={query.get(name) ?? ""}
          options={optionsOf(name)}
          onChange={(value) => setQuery({ [name]: value })}
        />
      ))}
    </form>
  )
}

interface TableProps {
  readonly rows: ReadonlyArray<KeyRow>
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (chosen: ReadonlySet<string>) => void
}

const Table = ({ rows, chosen, onChoose }: TableProps) => {
  const toggle = (keyId: string): void => {
    const next = new Set(chosen)
    if (!next.delete(keyId)) next.add(keyId)
    onChoose(next)
  }
  const isAll = rows.every(({ keyId }) => chosen.has(keyId))
  return (
    <div className="tableBox" tabIndex={0} role="region" aria-label="Keys">
      <table>
        <thead>
          <tr>
            <th scope="col">
              <input
                type="checkbox"
                aria-label="Choose all keys shown"
                checked={isAll}
                onChange={() => onChoose(isAll ? new Set() : new Set(rows.map(({ keyId }) => keyId)))}
              />
            </th>
            <th scope="col">Key</th>
            <th scope="col" className="wide">
              State
            </th>
            <th scope="col">Spec</th>
            <th scope="col">Origin</th>
            <th scope="col">Protection</th>
            <th scope="col">Next</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <Line key={row.keyId} row={row} isChosen={chosen.has(row.keyId)} onToggle={() => toggle(row.keyId)} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface LineProps {
  readonly row: KeyRow
  readonly isChosen: boolean
  readonly onToggle: () => void
}

const Line = ({ row, isChosen, onToggle }: LineProps) => {
  const { aliases, description, keyId, refused, tags } = row
  const next = nextOf(row)
  const title = nameOf(row)
  return (
    <tr className={isChosen ? "chosen" : undefined}>
      <td>
        <input type="checkbox" aria-label={`Choose ${title}`} checked={isChosen} onChange={onToggle} />
      </td>
      <th scope="row">
        <Link to={pathOf(keyId)}>{title}</Link>
        <span className="narrow">
          <StateBadge state={row.state} />
        </span>
        {aliases !== undefined && aliases.length > 1 && (
          <span className="quiet small"> {aliases.slice(1).join(", ")}</span>
        )}
        {description !== "" && description !== title && <span className="why">{description}</span>}
        {title !== keyId && (
          <span className="why">
            <code>{keyId}</code>
          </span>
        )}
        {Object.entries(tags ?? {}).map(([key, value]) => (
          <span key={key}>
            <span className="tag">{value === "" ? key : `${key}=${value}`}</span>{" "}
          </span>
        ))}
        {refused !== undefined && (
          <span className="why">
            {refused.hint ?? refused.message} <code>{refused.code}</code>
          </span>
        )}
      </th>
      <td className="wide">
        <StateBadge state={row.state} />
      </td>
      <td className="word">
        {row.spec}
        <span className="why">{row.usage}</span>
      </td>
      <td className="word">{row.origin}</td>
      <td className="word">{row.protection}</td>
      <td className="word">
        {next === undefined ? (
          <span className="quiet">—</span>
        ) : (
          <>
            {dueWord(next.kind)}
            <span className="why">
              <Countdown to={next.dueAt} what={`${dueWord(next.kind)} of ${title}`} />
            </span>
          </>
        )}
      </td>
    </tr>
  )
}
