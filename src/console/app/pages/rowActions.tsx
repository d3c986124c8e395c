/** What can be done to one key of the list, with the reason for each action that is refused now. */
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { readAllowed } from "../data/api.ts"
import { nameOf, pathOf } from "../data/keys.ts"
import { Link } from "../data/router.tsx"
import { useConsole } from "../data/store.ts"
import { useLoaded } from "../data/useLoaded.ts"
import { Button, Copy, Refused } from "../parts/basic.tsx"
import { Dialog } from "../parts/dialog.tsx"
import { StateBadge } from "../parts/state.tsx"
import { intents } from "./bulkIntents.ts"
import type { Intent } from "./bulkIntents.ts"
import { t } from "../text/text.ts"

interface RowActionsProps {
  readonly row: KeyRow
  readonly onAct: (intent: Intent) => void
  readonly onClose: () => void
}

const offOf = (allowed: AllowedNow | undefined, operation: string): string | undefined => {
  if (allowed === undefined) return t("Checking…")
  const found = allowed.operations.find((one) => one.operation === operation)
  return found === undefined || found.allowed ? undefined : (found.hint ?? found.code)
}

export const RowActions = ({ row, onAct, onClose }: RowActionsProps) => {
  const { region } = useConsole()
  const allowed = useLoaded(() => readAllowed(region, row.keyId), `${region} ${row.keyId}`)
  return (
    <Dialog title={t("Actions for {name}", { name: nameOf(row) })} onClose={onClose}>
      <p className="row">
        <StateBadge state={row.state} />
        <Link to={pathOf(row.keyId)}>{t("Open the page of the key")}</Link>
        <Copy text={row.keyId} what={t("Copy the key id")} word={t("Copy id")} />
      </p>
      <Refused refusal={allowed.refusal} />
      <div className="stack tight" role="group" aria-label={t("Actions")}>
        {intents.map(({ name, word, look, operation }) => (
          <Button key={name} look={look} off={offOf(allowed.reply, operation)} onClick={() => onAct(name)}>
            {t("{action}…", { action: t(word) })}
          </Button>
        ))}
      </div>
      <div className="row end">
        <Button onClick={onClose}>{t("Close")}</Button>
      </div>
    </Dialog>
  )
}
