/** A table of users, roles or policies, with a link to each. */
import type { ReactNode } from "react"
import type { Refusal } from "../../protocol.ts"
import type { Reply } from "../data/api.ts"
import { Link } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { instant } from "../data/time.ts"
import { Breakable, Empty, Note, Refused } from "../parts/basic.tsx"
import { Moment } from "../parts/moment.tsx"
import type { Loaded } from "../data/useLoaded.ts"
import { isForbidden } from "./ram.ts"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

export interface ListedColumn {
  readonly word: string
  /** A text that a person wrote, of any length. */
  readonly isProse?: boolean
  readonly cell: (item: Reply) => ReactNode
}

interface ListedProps {
  readonly label: string
  readonly loaded: Loaded<ReadonlyArray<Reply>>
  readonly nameOf: (item: Reply) => string
  readonly linkOf: (item: Reply) => string
  readonly columns: ReadonlyArray<ListedColumn>
  readonly empty: string
  /** The operation that the list needs. */
  readonly needs: string
}

export const created = (): ListedColumn => ({
  word: t("Created"),
  cell: (item) => <Since text={textAt(item, "CreateDate")} />
})

export const Since = ({ text }: { readonly text: string }) => {
  const at = instant(text)
  return at === undefined ? <span className="quiet">—</span> : <Moment at={at} lead="relative" />
}

/** Distinguishes a list that the caller may not read from an empty one. */
export const MayNotList = ({ refusal, needs }: { readonly refusal: Refusal | undefined; readonly needs: string }) => (
  <>
    <Refused refusal={refusal} />
    {isForbidden(refusal) && (
      <Note tone="info">
        {rich("You may not read this list, so it may have entries. You need the permission {permission}.", {
          permission: <code>{needs}</code>
        })}
      </Note>
    )}
  </>
)

export const Listed = ({ label, loaded, nameOf, linkOf, columns, empty, needs }: ListedProps) => {
  const { refusal, reply } = loaded
  if (refusal !== undefined) return <MayNotList refusal={refusal} needs={needs} />
  if (reply === undefined) return <Empty>{t("Loading…")}</Empty>
  if (reply.length === 0) {
    return (
      <div className="card">
        <Empty>{empty}</Empty>
      </div>
    )
  }
  return (
    <div className="tableBox stacked" tabIndex={0} role="region" aria-label={label}>
      <table>
        <thead>
          <tr>
            <th scope="col">{t("Name")}</th>
            {columns.map(({ word }) => (
              <th key={word} scope="col">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {reply.map((item) => (
            <tr key={linkOf(item)}>
              <th scope="row">
                <Link to={linkOf(item)}>
                  <Breakable text={nameOf(item)} />
                </Link>
              </th>
              {columns.map(({ word, isProse = false, cell }) => (
                <td key={word} className={isProse ? "text" : undefined} data-label={`${word}:`}>
                  {cell(item)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
