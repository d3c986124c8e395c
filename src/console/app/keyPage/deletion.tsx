/** "Schedule deletion": the consequences first, disabling as the better choice, then the key's name to be typed. */
import { useState } from "react"
import type { KeyRow } from "../../protocol.ts"
import { nameOf } from "../data/keys.ts"
import { absolute } from "../data/time.ts"
import { useAction } from "../data/useAction.ts"
import type { Action } from "../data/useAction.ts"
import { Button, Note, Refused } from "../parts/basic.tsx"
import { endOf, lackOf, noOrder, OrderFields } from "../parts/deletionOrder.tsx"
import type { Order } from "../parts/deletionOrder.tsx"
import { Dialog, Leave } from "../parts/dialog.tsx"
import { wordOf } from "../parts/state.tsx"
import { LastUsed } from "./uses.tsx"
import type { Uses } from "./uses.tsx"
import { joined, plural, t } from "../text/text.ts"
import { rich } from "../text/rich.tsx"

interface DeletionProps {
  readonly row: KeyRow
  readonly uses: Uses | undefined
  readonly onClose: () => void
}

export const DeletionDialog = ({ row, uses, onClose }: DeletionProps) => {
  const action = useAction()
  const [order, setOrder] = useState(noOrder)
  const [isSure, setIsSure] = useState(false)
  const step = { row, uses, action, onClose }
  return (
    <Dialog title={t("Delete {name}?", { name: nameOf(row) })} onClose={onClose} busy={action.busy}>
      {uses?.reply !== undefined && (
        <p>
          <strong>
            <LastUsed uses={uses.reply} />
          </strong>
        </p>
      )}
      <Consequences row={row} end={endOf(order)} />
      <p>
        {row.state === "Enabled"
          ? t("Disabling the key also refuses every use, and you can undo it at any time.")
          : t("The key is already {state}: it refuses every use, and no data is lost.", { state: wordOf(row.state) })}
      </p>
      <Refused refusal={action.refusal} />
      {isSure ? (
        <Confirm {...step} order={order} onChange={setOrder} />
      ) : (
        <Choose {...step} onSure={() => setIsSure(true)} />
      )}
    </Dialog>
  )
}

const aliasesWord = (aliases: ReadonlyArray<string>): string =>
  plural(
    aliases.length,
    {
      one: "Its alias is deleted with it: {aliases}.",
      other: "Its {count} aliases are deleted with it: {aliases}."
    },
    { count: aliases.length, aliases: joined(aliases) }
  )

const lostWord = (count: number) =>
  count === 1
    ? "After {time}, data encrypted under its version can never be decrypted again."
    : "After {time}, data encrypted under its {count} versions can never be decrypted again."

const Consequences = ({ row, end }: { readonly row: KeyRow; readonly end: number | undefined }) => {
  const { aliases = [], versions } = row
  const time = end === undefined ? t("the deletion date") : <strong>{absolute(end)}</strong>
  return (
    <Note tone="bad">
      <ul className="stack tight">
        <li>{rich("Every use is refused <b>at once</b>.")}</li>
        <li>{rich(lostWord(versions), { time, count: versions })}</li>
        {aliases.length > 0 && <li>{aliasesWord(aliases)}</li>}
        <li>{t("Until then you can cancel the deletion. Attempts to use the key raise an alarm.")}</li>
      </ul>
    </Note>
  )
}

interface StepProps extends DeletionProps {
  readonly action: Action
}

const Choose = ({ row, action, onClose, onSure }: StepProps & { readonly onSure: () => void }) => {
  const disable = async (): Promise<void> => {
    if ((await action.run("DisableKey", { KeyId: row.keyId })) === undefined) return
    onClose()
  }
  return (
    <div className="row end">
      <Leave>{t("Keep the key")}</Leave>
      <Button look="danger" off={action.busy ? t("Working…") : undefined} onClick={onSure}>
        {t("Delete anyway…")}
      </Button>
      {row.state === "Enabled" && (
        <Button look="main" off={action.busy ? t("Working…") : undefined} onClick={() => void disable()}>
          {t("Disable instead")}
        </Button>
      )}
    </div>
  )
}

interface ConfirmProps extends StepProps {
  readonly order: Order
  readonly onChange: (order: Order) => void
}

const Confirm = ({ row, action, onClose, order, onChange }: ConfirmProps) => {
  const word = row.aliases?.[0] ?? row.keyId
  const schedule = async (): Promise<void> => {
    const reply = await action.run("ScheduleKeyDeletion", { KeyId: row.keyId, PendingWindowInDays: order.days })
    if (reply === undefined) return
    onClose()
  }
  return (
    <>
      <OrderFields
        order={order}
        onChange={onChange}
        label={t("Type the key's name to continue")}
        hint={<code>{word}</code>}
      />
      <div className="row end">
        <Leave>{t("Keep the key")}</Leave>
        <Button look="danger" off={action.busy ? t("Working…") : lackOf(order, word)} onClick={() => void schedule()}>
          {t("Schedule deletion")}
        </Button>
      </div>
    </>
  )
}
