/** Buttons that change a key's state. Each is off exactly when the service would refuse it, and shows the reason. */
import type { AllowedNow, KeyRow } from "../../protocol.ts"
import { useAction } from "../data/useAction.ts"
import { Button, Refused } from "../parts/basic.tsx"
import type { Changes } from "./changes.tsx"
import { whyNot } from "./whyNot.ts"
import { t } from "../text/text.ts"

interface ProtectionProps {
  readonly row: KeyRow
  readonly allowed: AllowedNow | undefined
}

interface ActionsProps extends ProtectionProps {
  readonly changes: Changes
}

export const Actions = ({ row, allowed, changes: { busy, refusal, start } }: ActionsProps) => {
  const isPending = row.state === "PendingDeletion"
  const offOf = (operation: string): string | undefined => (busy ? t("Working…") : whyNot(allowed, operation))
  return (
    <div className="stack tight actions">
      <div className="row" role="group" aria-label={t("Actions")}>
        {row.state === "Enabled" ? (
          <Button off={offOf("DisableKey")} onClick={() => start("DisableKey")}>
            {t("Disable…")}
          </Button>
        ) : (
          !isPending && (
            <Button look="main" off={offOf("EnableKey")} onClick={() => start("EnableKey")}>
              {t("Enable")}
            </Button>
          )
        )}
        {isPending ? (
          <Button look="main" off={offOf("CancelKeyDeletion")} onClick={() => start("CancelKeyDeletion")}>
            {t("Cancel deletion")}
          </Button>
        ) : (
          <Button look="danger" off={offOf("ScheduleKeyDeletion")} onClick={() => start("ScheduleKeyDeletion")}>
            {t("Schedule deletion…")}
          </Button>
        )}
        <Protection row={row} allowed={allowed} />
      </div>
      <Refused refusal={refusal} />
    </div>
  )
}

const Protection = ({ row, allowed }: ProtectionProps) => {
  const action = useAction()
  const switchTo = async (on: boolean): Promise<void> => {
    await action.run("SetDeletionProtection", {
      ProtectedResourceArn: row.arn,
      EnableDeletionProtection: String(on)
    })
  }
  const off = action.busy ? t("Working…") : whyNot(allowed, "SetDeletionProtection")
  return (
    <>
      <Button off={off} onClick={() => void switchTo(!row.deletionProtection)}>
        {row.deletionProtection ? t("Turn off deletion protection") : t("Protect from deletion")}
      </Button>
      <Refused refusal={action.refusal} />
    </>
  )
}
