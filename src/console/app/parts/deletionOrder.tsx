/** What a deletion is ordered with: after how many days, and a word typed by whoever means it. */
import type { ReactNode } from "react"
import { pendingWindowInDays } from "../../../domain/limits.ts"
import { consoleState, lifecycleNow } from "../data/store.ts"
import { day } from "../data/time.ts"
import { Field } from "./basic.tsx"

const { minimum } = pendingWindowInDays

/** The service says how long a window it takes. */
const longest = (): number => consoleState().session?.deletionWindowMax ?? pendingWindowInDays.maximum

export interface Order {
  readonly days: string
  readonly typed: string
}

export const noOrder: Order = { days: String(pendingWindowInDays.default), typed: "" }

/** When the key goes; undefined where that is no number of days to wait. */
export const endOf = ({ days }: Order): number | undefined => {
  const count = Number(days)
  const isRight = Number.isInteger(count) && count >= minimum && count <= longest()
  return isRight ? lifecycleNow() + count * day : undefined
}

/** What still keeps it from being ordered. */
export const lackOf = (order: Order, word: string): string | undefined => {
  if (endOf(order) === undefined) return `The window is ${minimum} to ${longest()} days.`
  return order.typed.trim() === word ? undefined : `Type “${word}” first.`
}

interface FieldsProps {
  readonly order: Order
  readonly onChange: (order: Order) => void
  readonly label: string
  readonly hint?: ReactNode
}

export const OrderFields = ({ order, onChange, label, hint }: FieldsProps) => (
  <>
    <Field label={`Delete in (${minimum}–${longest()} days)`}>
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
