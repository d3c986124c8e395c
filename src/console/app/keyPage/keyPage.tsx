/** One key: its head with deadlines, the buttons that change it, and everything else in tabs. */
import type { KeyRow } from "../../protocol.ts"
import { readAllowed } from "../data/api.ts"
import { deadlinesOf, dueOf, dueWord, nameOf, pathOf } from "../data/keys.ts"
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
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

export const KeyPage = ({ id }: { readonly id: string }) => {
  const { refusal, row } = useKey(id)
  if (row === undefined)
    return refusal === undefined ? <Empty>{t("Loading the key…")}</Empty> : <Refused refusal={refusal} />
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
    { id: "lifecycle", name: t("Lifecycle"), content: () => <LifecycleTab {...own} /> },
    { id: "allowed", name: t("Allowed now"), content: () => <AllowedTab row={row} /> },
    {
      id: "versions",
      name: t("Versions and rotation"),
      content: () => <VersionsTab row={row} allowed={allowed.reply} />
    },
    ...(isExternal ? [{ id: "material", name: t("Material"), content: () => <MaterialTab {...own} /> }] : []),
    { id: "names", name: t("Aliases and tags"), content: () => <NamesTab row={row} /> },
    { id: "access", name: t("Access"), content: () => <AccessTab row={row} /> },
    { id: "history", name: t("History"), content: () => <HistoryTab row={row} /> },
    { id: "try", name: t("Try it"), content: () => <TryTab row={row} /> }
  ]
  return (
    <>
      <Head row={row} uses={uses} />
      <Actions {...own} />
      <Tabs label={t("Details of {name}", { name: nameOf(row) })} tabs={tabs} />
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
      <Link to="/keys">{t("Keys")}</Link> <span className="quiet">/</span>{" "}
      <Link to={pathOf(row.keyId)} aria-current="page">
        {row.keyId}
      </Link>
    </p>
    <div className="row">
      <h1>{nameOf(row)}</h1>
      <StateBadge state={row.state} />
      {deadlinesOf([row]).map(({ kind, dueAt }) => (
        <span key={kind}>
          <strong>{dueWord(kind)}</strong> <Countdown to={dueAt} what={dueOf(kind, nameOf(row))} />{" "}
          <span className="quiet">· {absolute(dueAt)}</span>
        </span>
      ))}
      {row.deletionProtection && <span className="badge calm">{t("Deletion protection")}</span>}
      {row.serviceKey && <span className="badge calm">{t("Managed by {creator}", { creator: row.creator })}</span>}
    </div>
    {row.description !== "" && row.description !== nameOf(row) && <p className="quiet">{row.description}</p>}
    <p className="row small">
      <code>{row.keyId}</code>
      <Copy text={row.keyId} what={t("Copy the key id")} word={t("Copy id")} />
      <Copy text={row.arn} what={t("Copy the ARN")} word={t("Copy ARN")} />
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
        <>{rich("Created {time} by {creator}.", { time: <Moment at={created} />, creator: row.creator })}</>
      )}{" "}
      {uses?.reply !== undefined && <LastUsed uses={uses.reply} />}
    </p>
  )
}
