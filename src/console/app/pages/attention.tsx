/** "Needs attention": keys that are pending deletion and still in use, and keys whose rotation is suspended. */
import type { ReactNode } from "react"
import type { KeyRow, KeysPage, KeysSummary } from "../../protocol.ts"
import { readKeys } from "../data/api.ts"
import type { Answer, Reply } from "../data/api.ts"
import { useAuditLog } from "../data/auditLog.ts"
import type { AuditPart } from "../data/auditRecords.ts"
import { nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { textAt } from "../data/replies.ts"
import { useChanges, useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { useSettled } from "../data/useSettled.ts"
import { countedKeys } from "../data/words.ts"
import { Breakable, Empty, Refused } from "../parts/basic.tsx"
import { icons } from "../parts/icons.tsx"
import { Moment } from "../parts/moment.tsx"
import { OlderRecords } from "../parts/olderRecords.tsx"
import { StateBadge } from "../parts/state.tsx"
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

/** Attempted uses of one key. */
interface Uses {
  readonly row: KeyRow
  readonly count: number
  /** The newest of them. */
  readonly principal: string
  readonly operation: string
  readonly at: number
}

const alarmsAsked = { Order: "NewestFirst", AlarmsOnly: "true", Limit: "200" } as const

/** Attempted uses of each key that is still pending deletion. Alarms come newest first. */
const usesIn = (alarms: ReadonlyArray<Reply>, rows: ReadonlyArray<KeyRow>): ReadonlyArray<Uses> => {
  const leaving = new Map(rows.map((row) => [row.keyId, row]))
  const counted = new Map<string, Uses>()
  for (const alarm of alarms) {
    const row = leaving.get(textAt(alarm, "KeyId"))
    if (row === undefined) continue
    const newest = counted.get(row.keyId) ?? {
      row,
      count: 0,
      principal: textAt(alarm, "Principal"),
      operation: textAt(alarm, "Operation"),
      at: Number(textAt(alarm, "At"))
    }
    counted.set(row.keyId, { ...newest, count: newest.count + 1 })
  }
  return [...counted.values()]
}

/** What to say if nothing is found, which depends on how much was searched. */
const quietWord = (isRoot: boolean, part: AuditPart | undefined): string => {
  if (!isRoot) {
    return t("No rotation is suspended. Attempted uses are in the audit log, which only the account's root can read.")
  }
  if (part === undefined) return t("No rotation is suspended. Searching for attempted uses…")
  return part.hasMore
    ? t("No rotation is suspended. No attempted use of a key pending deletion was found so far.")
    : t("Nothing: no key pending deletion was used, and no rotation is suspended.")
}

/** Keys whose alarms are shown at most. */
const alarmedMax = 100

/** The keys of the alarms that are still pending deletion. */
const useLeaving = (alarms: ReadonlyArray<Reply>): ReadonlyArray<KeyRow> => {
  const { region } = useConsole()
  const changes = useSettled(useChanges(), 1000)
  const ids = [...new Set(alarms.map((alarm) => textAt(alarm, "KeyId")))].slice(0, alarmedMax).join(",")
  const wanted = { ids, state: "PendingDeletion", limit: alarmedMax }
  const none: Answer<KeysPage> = { ok: true, reply: { rows: [], offset: 0, total: 0, all: 0 } }
  const found = useLoaded(
    () => (ids === "" ? Promise.resolve(none) : readKeys(region, wanted)),
    `${region} ${ids} ${changes}`
  )
  return found.reply?.rows ?? []
}

export const Attention = ({ keys: { suspended, suspensions } }: { readonly keys: KeysSummary }) => {
  const { heard, session } = useConsole()
  const isRoot = session?.kind === "root"
  const log = useAuditLog(isRoot ? alarmsAsked : undefined, heard.at(-1)?.at)
  const alarms = log.part?.records ?? []
  const uses = usesIn(alarms, useLeaving(alarms))
  const more = suspensions - suspended.length
  const isQuiet = suspended.length === 0 && uses.length === 0
  return (
    <section className="card">
      <h2>{t("Needs attention")}</h2>
      <Refused refusal={log.refusal} />
      {isQuiet && log.refusal === undefined && <Empty>{quietWord(isRoot, log.part)}</Empty>}
      {!isQuiet && (
        <ul className="ticks">
          {uses.map((used) => (
            <StillUsed key={used.row.keyId} used={used} />
          ))}
          {suspended.map((row) => (
            <Suspended key={row.keyId} row={row} />
          ))}
          {more > 0 && (
            <li className="quiet small">
              <Link to="/keys?rotation=Suspended">
                {t("{keys} more with suspended rotation", { keys: countedKeys(more) })}
              </Link>
            </li>
          )}
        </ul>
      )}
      <OlderRecords log={log} />
    </section>
  )
}

interface ItemProps {
  readonly tone: "bad" | "warn"
  readonly icon: ReactNode
  readonly children: ReactNode
}

const Item = ({ tone, icon, children }: ItemProps) => (
  <li className={`plain ${tone}`}>
    {icon}
    <span className="sentence">{children}</span>
  </li>
)

const StillUsed = ({ used: { row, count, principal, operation, at } }: { readonly used: Uses }) => (
  <Item tone="bad" icon={icons.warning}>
    {rich(
      count === 1
        ? "{key} is pending deletion but still in use: one attempt by {principal} with {operation} ({time})"
        : "{key} is pending deletion but still in use: {count} attempts, the newest by {principal} with {operation} ({time})",
      {
        key: <Link to={pathOf(row.keyId)}>{nameOf(row)}</Link>,
        count,
        principal: <Breakable text={principal} />,
        operation: <Breakable text={operation} />,
        time: <Moment at={at} lead="relative" />
      }
    )}
  </Item>
)

const Suspended = ({ row }: { readonly row: KeyRow }) => (
  <Item tone="warn" icon={icons.clock}>
    {rich("{key} does not rotate: rotation is suspended while the key is {state}", {
      key: <Link to={pathOf(row.keyId)}>{nameOf(row)}</Link>,
      state: <StateBadge state={row.state} />
    })}
  </Item>
)
