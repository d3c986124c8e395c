/** A key that cannot be shown: forbidden, deleted with a history that is kept, or unknown. */
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
import { t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

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
        <p>
          {t(
            "The root of the account can grant access with a policy. The Access tab of this page shows the root who has it."
          )}
        </p>
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
      <Link to="/keys">{t("Keys")}</Link> <span className="quiet">/</span>{" "}
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

/** Only ListKeyEvents still answers for a deleted key, to callers that a policy grants it. */
const NotFound = ({ keyId, refusal }: NoKeyProps) => {
  const { region } = useConsole()
  const history = useLoaded(() => readHistory(region, keyId), `${region} ${keyId}`)
  const last = history.reply?.events.at(-1)
  if (history.reply !== undefined && last !== undefined) {
    return (
      <Headed keyId={keyId} state={last.after.lifecycle}>
        <p>
          {rich(
            "Deleted on {time}. Its material is destroyed, its aliases are free, and its id is never used again. Its history is kept.",
            { time: <Moment at={last.time} /> }
          )}
        </p>
        <HistoryTab row={{ keyId, epoch: history.reply.lastSeq }} />
      </Headed>
    )
  }
  if (history.refusal === undefined) {
    return (
      <Headed keyId={keyId}>
        <Empty>{t("Loading the history…")}</Empty>
      </Headed>
    )
  }
  return (
    <Headed keyId={keyId}>
      <Refused refusal={refusal} />
      <p>
        {history.refusal.code === "Forbidden.KeyNotFound"
          ? t("This key never existed in this region.")
          : t(
              "The key was deleted or never existed. To see the history of a deleted key, you need kms:ListKeyEvents on it."
            )}{" "}
        <Link to="/keys">{t("Go to the list of keys.")}</Link>
      </p>
    </Headed>
  )
}
