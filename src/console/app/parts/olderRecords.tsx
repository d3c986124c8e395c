/** Says how far back the audit log was searched, and searches further. */
import type { AuditLog } from "../data/auditLog.ts"
import { absolute } from "../data/time.ts"
import { Button } from "./basic.tsx"
import { t } from "../text/text.ts"

export const OlderRecords = ({ log: { busy, part, readOn } }: { readonly log: AuditLog }) =>
  part?.hasMore === true && part.endAt !== undefined ? (
    <div className="row between">
      <p className="quiet small" role="status">
        {t("The audit log was searched back to {time}.", { time: absolute(part.endAt) })}
      </p>
      <Button small off={busy ? t("Loading…") : undefined} onClick={readOn}>
        {t("Show older")}
      </Button>
    </div>
  ) : null
