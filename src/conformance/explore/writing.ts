/** Helpers that write a sequence briefly. */
import type { Step, Twist } from "../steps/step.ts"

export const day = 86_400_000
export const key = "k1"
export const text = "aGVsbG8gd29ybGQ="
export const make = (makes: string, kind = "symmetric", more: Partial<Step> = {}): Step => ({
  op: "CreateKey",
  makes,
  kind,
  ...more
})
export const look = (of = key): Step => ({ op: "DescribeKey", key: of })
export const wait = (millis: number): Step => ({ op: "Advance", key, millis })
export const decrypt = (of: string, twist?: Twist, bytes?: number): Step => ({
  op: "Decrypt",
  of,
  ...(twist === undefined ? {} : { twist }),
  ...(bytes === undefined ? {} : { bytes })
})

export type Script = ReadonlyArray<Step>
