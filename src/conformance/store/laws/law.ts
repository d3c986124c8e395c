/** Keys and helpers that the laws of a store share. */
import { Effect } from "effect"
import type { Driver } from "../../../store/driver.ts"
import { Store } from "../../../store/store.ts"
import { day, life, scheduled, start, told } from "../changes.ts"
import type { Step } from "../changes.ts"

/** Declares a law: a sentence, and a function that tests it on an empty store. */
export type Law = (sentence: string, body: Effect.Effect<void, unknown, Store | Driver>) => void

export const commitAll = Effect.fnUntraced(function* (steps: ReadonlyArray<Step>) {
  const store = yield* Store
  for (const { change } of steps) yield* store.commit(change)
})

export const external = { origin: "EXTERNAL" } as const
export const imported = (at: number, expiresAt: number | null = null) =>
  ({ type: "ImportKeyMaterial", at, fingerprint: "the same bytes", expiresAt }) as const
export const disabled = (at: number) => ({ type: "DisableKey", at }) as const
export const enabled = (at: number) => ({ type: "EnableKey", at }) as const
export const last = (steps: ReadonlyArray<Step>): Step => {
  const step = steps.at(-1)
  if (step === undefined) throw new Error("a life has at least its birth")
  return step
}

/** A key that is created at `start`, scheduled for deletion in 7 days, and then deleted. */
export const deletedLife = (n: number): ReadonlyArray<Step> => {
  const steps = life({ n }, scheduled(start, 7))
  const dueAt = start + 7 * day
  return [...steps, told(last(steps), { type: "DeletionDue", at: dueAt, dueAt, epoch: 2 })]
}
