/** Who used a key, how often and when, and the attempts to use it while its deletion is scheduled. */
import { useEffect } from "react"
import type { KeyRow, KeyUses, UseCount } from "../../protocol.ts"
import { readUses } from "../data/api.ts"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import type { Loaded } from "../data/useLoaded.ts"
import { Breakable, Note, Refused } from "../parts/basic.tsx"
import { Moment, useNow } from "../parts/moment.tsx"
import { isReading, lastUsed, principalWord, totalOf } from "./useWords.ts"
import { plural, t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

/** Uses are not part of the event stream, so they are read again after this time. */
const againMillis = { reading: 50, whole: 10_000 } as const

export type Uses = Loaded<KeyUses>

export const useUses = (row: KeyRow): Uses | undefined => {
  const { region, session } = useConsole()
  const isRoot = session?.kind === "root"
  const loaded = useLoaded(
    () => (isRoot ? readUses(region, row.keyId) : Promise.resolve({ ok: true, reply: nothing } as const)),
    `${region} ${row.keyId} ${row.epoch} ${isRoot}`
  )
  const { again, reply } = loaded
  useEffect(() => {
    if (reply === undefined || !isRoot) return undefined
    const readAgain = (): void => {
      if (document.visibilityState === "visible") again()
    }
    const timer = setInterval(readAgain, isReading(reply) ? againMillis.reading : againMillis.whole)
    return () => clearInterval(timer)
  }, [reply, isRoot])
  return isRoot ? loaded : undefined
}

const nothing: KeyUses = { uses: [], attempts: [], progress: { read: 0, of: 0 } }

interface UsesProps {
  readonly row: KeyRow
  readonly uses: Uses | undefined
}

export const UsesCard = ({ row, uses }: UsesProps) => (
  <section className="card">
    <h2>{t("Uses")}</h2>
    {uses === undefined ? (
      <p className="quiet">{t("Uses are in the audit log, which only the account's root can read.")}</p>
    ) : (
      <div className="stack tight">
        <Refused refusal={uses.refusal} />
        {uses.reply !== undefined && <Counts row={row} uses={uses.reply} />}
      </div>
    )}
  </section>
)

const Counts = ({ row, uses }: { readonly row: KeyRow; readonly uses: KeyUses }) => (
  <>
    <p>
      <LastUsed uses={uses} />
    </p>
    {isReading(uses) && <progress aria-label={t("Audit log read")} value={uses.progress.read} max={uses.progress.of} />}
    <Principals label={t("Uses by principal")} counts={uses.uses} />
    {row.state === "PendingDeletion" && <Attempts attempts={uses.attempts} />}
  </>
)

/** The last use, counted on with the clock. */
export const LastUsed = ({ uses }: { readonly uses: KeyUses }) => lastUsed(uses, useNow())

const Attempts = ({ attempts }: { readonly attempts: ReadonlyArray<UseCount> }) => {
  const total = totalOf(attempts)
  if (total === 0) return <p className="quiet">{t("No attempt to use it since its deletion was scheduled.")}</p>
  return (
    <>
      <Note tone="warn">
        {rich(
          total === 1
            ? "<b>{total} attempted use</b> since the deletion was scheduled. Each was refused."
            : "<b>{total} attempted uses</b> since the deletion was scheduled. Each was refused.",
          { total }
        )}
      </Note>
      <Principals label={t("Attempted uses by principal")} counts={attempts} />
    </>
  )
}

interface PrincipalsProps {
  readonly label: string
  readonly counts: ReadonlyArray<UseCount>
}

const Principals = ({ label, counts }: PrincipalsProps) =>
  counts.length === 0 ? null : (
    <ul className="stack tight useList" aria-label={label} tabIndex={0}>
      {counts.map(({ count, lastAt, lastOperation, principal }) => (
        <li key={principal}>
          <strong title={principal}>
            <Breakable text={principalWord(principal)} />
          </strong>
          : {plural(count, { one: "{count} time", other: "{count} times" }, { count })}
          <span className="why">
            {rich("last {operation} {time}", {
              operation: lastOperation,
              time: <Moment at={lastAt} lead="relative" />
            })}
          </span>
        </li>
      ))}
    </ul>
  )
