/** The fields of a scheduled deletion: the waiting period, and a word typed as confirmation. */
import type { ReactNode } from "react"
import { pendingWindowInDays } from "../../../domain/limits.ts"
import { consoleState, lifecycleNow } from "../data/store.ts"
import { day } from "../data/time.ts"
import { Field } from "./basic.tsx"
import { t } from "../text/text.ts"

const { minimum } = pendingWindowInDays

/** The longest waiting period that the service accepts. */
const longest = (): number => consoleState().session?.deletionWindowMax ?? pendingWindowInDays.maximum

export interface Order {
  readonly days: string
  readonly typed: string
}

export const noOrder: Order = { days: String(pendingWindowInDays.default), typed: "" }

/** When the key is deleted; undefined if the waiting period is not valid. */
export const endOf = ({ days }: Order): number | undefined => {
  const count = Number(days)
  const isRight = Number.isInteger(count) && count >= minimum && count <= longest()
  return isRight ? lifecycleNow() + count * day : undefined
}

/** Why the deletion cannot be scheduled yet. */
export const lackOf = (order: Order, word: string): string | undefined => {
  if (endOf(order) === undefined)
    return t("The waiting period must be {minimum} to {maximum} days.", { minimum, maximum: longest() })
  return order.typed.trim() === word ? undefined : t("Type “{word}” to continue.", { word })
}

interface FieldsProps {
  readonly order: Order
  readonly onChange: (order: Order) => void
  readonly label: string
  readonly hint?: ReactNode
}

export const OrderFields = ({ order, onChange, label, hint }: FieldsProps) => (
  <>
    <Field label={t("Waiting period in days ({minimum}–{maximum})", { minimum, maximum: longest() })}>
      {(ids) => (
        <input
          {...ids}
          type="number"
          min={minimum}
          max={longest()}
          value={order.days}
          onChange={(event) => onChange({ ...order, days: event.target.value })}
          autoFocus
        />
      )}
    </Field>
    <Field label={label} hint={hint}>
      {(ids) => (
        <input
          {...ids}
          value={order.typed}
          onChange={(event) => onChange({ ...order, typed: event.target.value })}
          autoComplete="off"
          spellCheck={false}
        />
      )}
    </Field>
  </>
)
