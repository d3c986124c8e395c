/** One key: its head with deadlines, the buttons that change it, and everything else in tabs. */
import type { KeyRow } from "../../protocol.ts"
import { readAllowed } from "../data/api.ts"
import { deadlinesOf, dueWord, nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { absolute, instant } from "../data/time.ts"
import { useKey } from "../data/useKey.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Copy, Empty, Refused } from "../parts/basic.tsx"
import { Countdown, Moment } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"
import { Tabs } from "../parts/tabs.tsx"
import type { Tab } from "../parts/tabs.tsx"
import { AccessTab } from "./access.tsx"
import { Actions } from "./actions.tsx"
import { AllowedTab } from "./allowed.tsx"
import { useChanges } from "./changes.tsx"
import { HistoryTab } from "./history.tsx"
import { useKeyCommands } from "./keyCommands.ts"
import { LifecycleTab } from "./lifecycle.tsx"
import { MaterialTab } from "./material.tsx"
import { NoKey } from "./noKey.tsx"
import { NamesTab } from "./names.tsx"
import { TryTab } from "./try.tsx"
import { LastUsed, useUses } from "./uses.tsx"
import type { Uses } from "./uses.tsx"
import { VersionsTab } from "./versions.tsx"

export const KeyPage = ({ id }: { readonly id: string }) => {
  const { refusal, row } = useKey(id)
  if (row === undefined) return refusal === undefined ? <Empty>Loading the key…</Empty> : <Refused refusal={refusal} />
  if (row.refused !== undefined) return <NoKey keyId={row.keyId} refusal={row.refused} />
  return <Known row={row} />
}

const Known = ({ row }: { readonly row: KeyRow }) => {
  const { region } = useConsole()
  const allowed = useLoaded(() => readAllowed(region, row.keyId), `${region} ${row.keyId} ${row.epoch}`)
  const uses = useUses(row)
  const changes = useChanges(row, uses)
  useKeyCommands(row, allowed.reply, changes)
  const own = { row, allowed: allowed.reply, changes, uses }
  const isExternal = row.origin === "EXTERNAL"
  const tabs: ReadonlyArray<Tab> = [
    { id: "lifecycle", name: "Lifecycle", content: () => <LifecycleTab {...own} /> },
    { id: "allowed", name: "Allowed now", content: () => <AllowedTab row={row} /> },
    { id: "versions", name: "Versions and rotation", content: () => <VersionsTab row={row} allowed={allowed.reply} /> },
    ...(isExternal ? [{ id: "material", name: "Material", content: () => <MaterialTab {...own} /> }] : []),
    { id: "names", name: "Aliases and tags", content: () => <NamesTab row={row} /> },
    { id: "access", name: "Access", content: () => <AccessTab row={row} /> },
    { id: "history", name: "History", content: () => <HistoryTab row={row} /> },
    { id: "try", name: "Try it", content: () => <TryTab row={row} /> }
  ]
  return (
    <>
      <Head row={row} uses={uses} />
      <Actions {...own} />
      <Tabs label={`Details of ${nameOf(row)}`} tabs={tabs} />
      {changes.dialog}
    </>
  )
}

interface HeadProps {
  readonly row: KeyRow
  readonly uses: Uses | undefined
}

const Head = ({ row, uses }: HeadProps) => (
  <div className="stack tight keyHead">
    <p className="small">
      <Link to="/keys">Keys</Link> <span className="quiet">/</span>{" "}
      <Link to={pathOf(row.keyId)} aria-current="page">
        {row.keyId}
      </Link>
    </p>
    <div className="row">
      <h1>{nameOf(row)}</h1>
      <StateBadge state={row.state} />
      {deadlinesOf([row]).map(({ kind, dueAt }) => (
        <span key={kind}>
          <strong>{dueWord(kind)}</strong> <Countdown to={dueAt} what={`${dueWord(kind)} of ${nameOf(row)}`} />{" "}
          <span className="quiet">· {absolute(dueAt)}</span>
        </span>
      ))}
      {row.deletionProtection && <span className="badge calm">Deletion protection</span>}
      {row.serviceKey && <span className="badge calm">Managed by {row.creator}</span>}
    </div>
    {row.description !== "" && row.description !== nameOf(row) && <p className="quiet">{row.description}</p>}
    <p className="row small">
      <code>{row.keyId}</code>
      <Copy text={row.keyId} what="the key id" word="Copy id" />
      <Copy text={row.arn} what="the ARN" word="Copy ARN" />
      <span className="quiet">
        {row.spec} · {row.usage} · {row.origin} · {row.protection}
      </span>
    </p>
    <Born row={row} uses={uses} />
  </div>
)

/** When the key was created and by whom, and its last use. */
const Born = ({ row, uses }: HeadProps) => {
  const created = instant(row.createdAt)
  return (
    <p className="small quiet">
      {created !== undefined && (
        <>
          Created <Moment at={created} /> by {row.creator}.
        </>
      )}{" "}
      {uses?.reply !== undefined && <LastUsed uses={uses.reply} />}
    </p>
  )
}
