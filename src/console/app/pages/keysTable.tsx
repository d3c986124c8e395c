/** The table of keys, with a checkbox for each. */
import type { KeyRow } from "../../protocol.ts"
import { dueWord, nameOf, nextOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { Countdown } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"

interface TableProps {
  readonly rows: ReadonlyArray<KeyRow>
  readonly chosen: ReadonlySet<string>
  readonly onChoose: (chosen: ReadonlySet<string>) => void
}

export const KeysTable = ({ rows, chosen, onChoose }: TableProps) => {
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
                aria-label="Select all keys shown"
                checked={isAll}
                onChange={() => onChoose(isAll ? new Set() : new Set(rows.map(({ keyId }) => keyId)))}
              />
            </th>
            <th scope="col">Key</th>
            <th scope="col" className="wide">
              State
            </th>
            <th scope="col" className="wide">
              Spec
            </th>
            <th scope="col" className="wide">
              Origin
            </th>
            <th scope="col" className="wide">
              Protection
            </th>
            <th scope="col">Next deadline</th>
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

const Line = ({ row, isChosen, onToggle }: LineProps) => (
  <tr className={isChosen ? "chosen" : undefined}>
    <td>
      <input type="checkbox" aria-label={`Select ${nameOf(row)}`} checked={isChosen} onChange={onToggle} />
    </td>
    <th scope="row">
      <Identity row={row} />
    </th>
    <td className="wide">
      <StateBadge state={row.state} />
    </td>
    <td className="word wide">
      {row.spec}
      <span className="why">{row.usage}</span>
    </td>
    <td className="word wide">{row.origin}</td>
    <td className="word wide">{row.protection}</td>
    <td className="word">
      <Next row={row} />
    </td>
  </tr>
)

/** What the key is called, and why no more of it is shown. */
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
      {description !== "" && description !== title && <span className="why">{description}</span>}
      {title !== keyId && (
        <span className="why">
          <code>{keyId}</code>
        </span>
      )}
      {Object.entries(tags).map(([key, value]) => (
        <span key={key}>
          <span className="tag">{value === "" ? key : `${key}=${value}`}</span>{" "}
        </span>
      ))}
      {refused !== undefined && (
        <span className="why">
          {refused.hint ?? refused.message} <code>{refused.code}</code>
        </span>
      )}
    </>
  )
}

const Next = ({ row }: { readonly row: KeyRow }) => {
  const next = nextOf(row)
  if (next === undefined) return <span className="quiet">—</span>
  return (
    <>
      {dueWord(next.kind)}
      <span className="why">
        <Countdown to={next.dueAt} what={`${dueWord(next.kind)} of ${nameOf(row)}`} />
      </span>
    </>
  )
}
