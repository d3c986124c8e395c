/** All keys: filters that are kept in the address, a table, and actions on several keys. */
import { useEffect, useRef, useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { filterNames, filters, isWanted, looksLikeKeyId, pathOf } from "../data/keys.ts"
import type { FilterName } from "../data/keys.ts"
import { go, Link, setQuery, usePlace } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { Button, Choice, Empty, Field, Refused } from "../parts/basic.tsx"
import { wordOf } from "../parts/state.tsx"
import { BulkDialog } from "./bulk.tsx"
import { CreateKeyDialog } from "./createKey.tsx"
import { KeysTable } from "./keysTable.tsx"

type Open = "create" | "schedule" | "cancel" | undefined

const countWord = (shown: number, all: number | undefined): string => {
  if (all === undefined) return "Loading the keys…"
  return shown === all ? `${all} keys` : `${shown} of ${all} keys`
}

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
            {countWord(shown.length, keys?.size)}
          </p>
        </div>
        <Button look="main" onClick={() => setOpen("create")}>
          Create key
        </Button>
      </div>
      <div className="stack">
        <Refused refusal={refused} />
        <Filters rows={rows} query={query} />
        {picked.length > 0 && <Selected count={picked.length} onOpen={setOpen} onClear={() => setChosen(new Set())} />}
        {keys !== undefined && shown.length === 0 && (
          <NoKeys isFirst={rows.length === 0} isKnown={refused === undefined} sought={(query.get("q") ?? "").trim()} />
        )}
        {shown.length > 0 && <KeysTable rows={shown} chosen={chosen} onChoose={setChosen} />}
      </div>
      {open === "create" && <CreateKeyDialog onClose={close} onMade={(keyId) => go(pathOf(keyId))} />}
      {(open === "schedule" || open === "cancel") && <BulkDialog rows={picked} intent={open} onClose={close} />}
    </>
  )
}

interface SelectedProps {
  readonly count: number
  readonly onOpen: (open: Open) => void
  readonly onClear: () => void
}

const Selected = ({ count, onOpen, onClear }: SelectedProps) => (
  <div className="row" role="group" aria-label="Selected keys">
    <strong>{count} selected</strong>
    <Button small look="danger" onClick={() => onOpen("schedule")}>
      Schedule deletion…
    </Button>
    <Button small onClick={() => onOpen("cancel")}>
      Cancel deletion…
    </Button>
    <Button small look="plain" onClick={onClear}>
      Clear selection
    </Button>
  </div>
)

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
          No key in this list has this id.{" "}
          <Link to={pathOf(sought)}>Open its page: a deleted key keeps its history.</Link>
        </Empty>
      </div>
    )
  }
  if (!isKnown) return null
  return (
    <div className="card">
      <Empty>
        {isFirst
          ? "This region has no keys yet. Create the first one."
          : "No key matches these filters. Remove a filter to see more."}
      </Empty>
    </div>
  )
}

interface FiltersProps {
  readonly rows: ReadonlyArray<KeyRow>
  readonly query: URLSearchParams
}

const optionsOf = (name: FilterName, { rows, query }: FiltersProps): ReadonlyArray<readonly [string, string]> => {
  const values = new Set(rows.map(filters[name].of).filter((value) => value !== ""))
  const wanted = query.get(name)
  if (wanted !== null) values.add(wanted)
  const options = [...values].sort().map((value) => [value, name === "state" ? wordOf(value) : value] as const)
  return [["", "Any"], ...options]
}

const Filters = (props: FiltersProps) => {
  const { query } = props
  const search = useRef<HTMLInputElement>(null)
  const isAsked = query.get("focus") === "search"
  useEffect(() => {
    if (!isAsked) return
    search.current?.focus()
    setQuery({ focus: undefined })
  }, [isAsked])
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
          options={optionsOf(name, props)}
          onChange={(value) => setQuery({ [name]: value })}
        />
      ))}
    </form>
  )
}
