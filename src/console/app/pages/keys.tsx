/** All keys: a search, filters and an order that are part of the address, one page of rows, and actions on several keys. */
import { useState } from "react"
import { flushSync } from "react-dom"
import type { KeyRow, KeysPage as Page } from "../../protocol.ts"
import { looksLikeKeyId, pathOf } from "../data/keys.ts"
import { go, Link, setQuery, usePlace } from "../data/router.tsx"
import { useKeysPage } from "../data/useKeysPage.ts"
import type { KeysShown } from "../data/useKeysPage.ts"
import { useLastUses } from "../data/useLastUses.tsx"
import { countedKeys } from "../data/words.ts"
import { Button, Check, Empty, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { BulkDialog } from "./bulk.tsx"
import type { Intent } from "./bulkIntents.ts"
import { CreateKeyDialog } from "./createKey.tsx"
import { columns, useColumns } from "./keyColumns.ts"
import type { ColumnName } from "./keyColumns.ts"
import { isFiltered, KeyFilters, wantedIn } from "./keyFilters.tsx"
import { KeysTable, orderIn } from "./keysTable.tsx"
import { RowActions } from "./rowActions.tsx"
import { SelectedKeys } from "./selectedKeys.tsx"
import { t } from "../text/text.ts"

const pageRows = 50

type Open =
  | { readonly dialog: "create" | "columns" }
  | { readonly dialog: "row"; readonly row: KeyRow }
  | { readonly dialog: "bulk"; readonly intent: Intent; readonly rows: ReadonlyArray<KeyRow> }
  | undefined

const pageIn = (query: URLSearchParams): number => Math.max(1, Math.trunc(Number(query.get("page") ?? 1)) || 1)

const countWord = ({ page, refusal }: KeysShown): string => {
  if (refusal !== undefined) return t("The keys could not be listed.")
  if (page === undefined) return t("Loading the keys…")
  return page.total === page.all
    ? countedKeys(page.all)
    : t("{count} of {keys}", { count: page.total, keys: countedKeys(page.all) })
}

export const KeysPage = () => {
  const { query } = usePlace()
  const wanted = wantedIn(query)
  const shown = useKeysPage({ ...wanted, offset: (pageIn(query) - 1) * pageRows, limit: pageRows })
  const [chosen, setChosen] = useState<ReadonlyMap<string, KeyRow>>(new Map())
  const [open, setOpen] = useState<Open>()
  const [names, chooseColumn] = useColumns()
  const rows = shown.page?.rows ?? []
  const used = useLastUses(rows, names.includes("used"))
  const choose = (some: ReadonlyArray<KeyRow>, isChosen: boolean): void => {
    const next = new Map(chosen)
    for (const row of some) {
      if (isChosen) next.set(row.keyId, row)
      else next.delete(row.keyId)
    }
    setChosen(next)
  }
  /** The first dialog gives the focus back before the next one takes it, so that the next one can return it too. */
  const replace = (next: Open): void => {
    flushSync(() => setOpen(undefined))
    setOpen(next)
  }
  return (
    <>
      <Head shown={shown} onOpen={(dialog) => setOpen({ dialog })} />
      <div className="stack">
        <KeyFilters query={query} />
        <Refused refusal={shown.refusal} />
        {chosen.size > 0 && (
          <SelectedKeys
            chosen={chosen}
            wanted={wanted}
            total={shown.page?.total ?? 0}
            onChoose={choose}
            onAct={(intent) => setOpen({ dialog: "bulk", intent, rows: [...chosen.values()] })}
            onClear={() => setChosen(new Map())}
          />
        )}
        {shown.page?.total === 0 && <NoKeys isFirst={!isFiltered(query)} sought={(query.get("q") ?? "").trim()} />}
        {shown.refusal !== undefined && <KnownKey sought={(query.get("q") ?? "").trim()} />}
        {rows.length > 0 && (
          <KeysTable
            rows={rows}
            shown={names}
            order={orderIn(query)}
            chosen={chosen}
            used={used}
            onChoose={choose}
            onAct={(row) => setOpen({ dialog: "row", row })}
          />
        )}
        {shown.page !== undefined && shown.page.total > 0 && <Pages page={shown.page} number={pageIn(query)} />}
      </div>
      <OpenDialog
        open={open}
        names={names}
        onColumn={chooseColumn}
        onReplace={replace}
        onClose={() => {
          setOpen(undefined)
          shown.again()
        }}
      />
    </>
  )
}

interface OpenDialogProps {
  readonly open: Open
  readonly names: ReadonlyArray<ColumnName>
  readonly onColumn: (name: ColumnName, isShown: boolean) => void
  readonly onReplace: (open: Open) => void
  readonly onClose: () => void
}

const OpenDialog = ({ open, names, onColumn, onReplace, onClose }: OpenDialogProps) => {
  switch (open?.dialog) {
    case "create":
      return <CreateKeyDialog onClose={onClose} onMade={(keyId) => go(pathOf(keyId))} />
    case "columns":
      return <ColumnsDialog names={names} onColumn={onColumn} onClose={onClose} />
    case "row":
      return (
        <RowActions
          row={open.row}
          onClose={onClose}
          onAct={(intent) => onReplace({ dialog: "bulk", intent, rows: [open.row] })}
        />
      )
    case "bulk":
      return <BulkDialog rows={open.rows} intent={open.intent} onClose={onClose} />
    case undefined:
      return null
    default:
      return open satisfies never
  }
}

interface HeadProps {
  readonly shown: KeysShown
  readonly onOpen: (dialog: "create" | "columns") => void
}

const Head = ({ shown, onOpen }: HeadProps) => (
  <div className="pageHead">
    <div>
      <h1>{t("Keys")}</h1>
      <p className="quiet" role="status">
        {countWord(shown)}
      </p>
    </div>
    <div className="row">
      <Button onClick={() => onOpen("columns")}>{t("Columns…")}</Button>
      <Button look="main" onClick={() => onOpen("create")}>
        {t("Create key")}
      </Button>
    </div>
  </div>
)

interface ColumnsProps {
  readonly names: ReadonlyArray<ColumnName>
  readonly onColumn: (name: ColumnName, isShown: boolean) => void
  readonly onClose: () => void
}

const ColumnsDialog = ({ names, onColumn, onClose }: ColumnsProps) => (
  <Dialog title={t("Columns")} onClose={onClose}>
    <p className="quiet">{t("This browser remembers your choice.")}</p>
    <fieldset>
      <legend>{t("Columns of the list")}</legend>
      {columns.map(({ name, word }) => (
        <Check key={name} checked={names.includes(name)} onChange={(isShown) => onColumn(name, isShown)}>
          {t(word)}
        </Check>
      ))}
    </fieldset>
    <div className="row end">
      <Button look="main" onClick={onClose}>
        {t("Close")}
      </Button>
    </div>
  </Dialog>
)

interface PagesProps {
  readonly page: Page
  readonly number: number
}

const Pages = ({ page: { offset, rows, total }, number }: PagesProps) => {
  const last = Math.max(1, Math.ceil(total / pageRows))
  const show = (to: number): void => setQuery({ page: to === 1 ? undefined : String(to) })
  const onFirst = number === 1 ? t("This is the first page.") : undefined
  const onLast = number >= last ? t("This is the last page.") : undefined
  if (last === 1 && number === 1) return null
  return (
    <nav className="row between" aria-label={t("Pages of keys")}>
      <p className="quiet small" role="status">
        {rows.length === 0
          ? t("Page {number} is after the last page.", { number })
          : t("Keys {first} to {last} of {total}", { first: offset + 1, last: offset + rows.length, total })}
      </p>
      <div className="row pager">
        <Button small off={onFirst} onClick={() => show(1)}>
          {t("First|page")}
        </Button>
        <Button small off={onFirst} onClick={() => show(number - 1)}>
          {t("Previous|page")}
        </Button>
        <span className="small">{t("Page {number} of {last}", { number, last })}</span>
        <Button small off={onLast} onClick={() => show(number + 1)}>
          {t("Next|page")}
        </Button>
        <Button small off={onLast} onClick={() => show(last)}>
          {t("Last|page")}
        </Button>
      </div>
    </nav>
  )
}

/** A deleted key is in no list, but its page shows its history. */
const KnownKey = ({ sought }: { readonly sought: string }) =>
  looksLikeKeyId(sought) ? (
    <div className="card">
      <Empty>
        {t("You can open a key that you know.")}{" "}
        <Link to={pathOf(sought)}>{t("Open the page of {key}.", { key: sought })}</Link>
      </Empty>
    </div>
  ) : null

interface NoKeysProps {
  readonly isFirst: boolean
  readonly sought: string
}

const NoKeys = ({ isFirst, sought }: NoKeysProps) => (
  <div className="card">
    <Empty>
      {looksLikeKeyId(sought) && (
        <>
          {t("No key in this list has this id.")}{" "}
          <Link to={pathOf(sought)}>{t("Open its page: a deleted key keeps its history.")}</Link>
        </>
      )}
      {!looksLikeKeyId(sought) &&
        (isFirst
          ? t("This region has no keys yet. Create the first one.")
          : t("No key matches these filters. Remove a filter to see more."))}
    </Empty>
  </div>
)
