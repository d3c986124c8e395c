/** A key that cannot be shown: forbidden, deleted with the history it left, or none at all. */
import type { ReactNode } from "react"
import type { Refusal } from "../../protocol.ts"
import { readHistory } from "../data/api.ts"
import { pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Empty, Refused } from "../parts/basic.tsx"
import { Moment } from "../parts/moment.tsx"
import { StateBadge } from "../parts/state.tsx"
import { HistoryTab } from "./history.tsx"

interface NoKeyProps {
  readonly keyId: string
  readonly refusal: Refusal
}

export const NoKey = ({ keyId, refusal }: NoKeyProps) => {
  if (refusal.code === "Forbidden.KeyNotFound") return <NotFound keyId={keyId} refusal={refusal} />
  return (
    <Headed keyId={keyId}>
      <Refused refusal={refusal} />
      {refusal.code === "Forbidden.NoPermission" && (
        <p>The root of the account can grant it by a policy, and sees on this page, under Access, who may do what.</p>
      )}
    </Headed>
  )
}

interface HeadedProps {
  readonly keyId: string
  readonly state?: string
  readonly children: ReactNode
}

const Headed = ({ keyId, state, children }: HeadedProps) => (
  <div className="stack">
    <p className="small">
      <Link to="/keys">Keys</Link> <span className="quiet">/</span>{" "}
      <Link to={pathOf(keyId)} aria-current="page">
        {keyId}
      </Link>
    </p>
    <div className="row">
      <h1>{keyId}</h1>
      {state !== undefined && <StateBadge state={state} />}
    </div>
    {children}
  </div>
)

/** Only ListKeyEvents still answers for a deleted key, and only to whom it is granted. */
const NotFound = ({ keyId, refusal }: NoKeyProps) => {
  const { region } = useConsole()
  const history = useLoaded(() => readHistory(region, keyId), `${region} ${keyId}`)
  const last = history.reply?.events.at(-1)
  if (history.reply !== undefined && last !== undefined) {
    return (
      <Headed keyId={keyId} state={last.after.lifecycle}>
        <p>
          Gone since <Moment at={last.time} />: its material is destroyed, its aliases are free, and its id is never
          given out again. Its history stays.
        </p>
        <HistoryTab row={{ keyId, epoch: history.reply.lastSeq }} />
      </Headed>
    )
  }
  if (history.refusal === undefined) {
    return (
      <Headed keyId={keyId}>
        <Empty>Reading what it left…</Empty>
      </Headed>
    )
  }
  return (
    <Headed keyId={keyId}>
      <Refused refusal={refusal} />
      <p>
        {history.refusal.code === "Forbidden.KeyNotFound"
          ? "There never was such a key in this region. "
          : "It was deleted, or never was. The history of a deleted key is shown to whom a policy grants kms:ListKeyEvents on it. "}
        <Link to="/keys">See the keys there are.</Link>
      </p>
    </Headed>
  )
}
