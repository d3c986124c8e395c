/** Sentences that several pages use. */
import type { Refusal } from "../../protocol.ts"

export const refusalWord = ({ code, hint, message }: Refusal): string =>
  `${message}${hint === undefined ? "" : ` ${hint}`} (${code})`

const grouped = new Intl.NumberFormat("en-US")

/** `100,000` */
export const counted = (count: number): string => grouped.format(count)

/** `one key`, `1,200 keys` */
export const countedKeys = (count: number): string => (count === 1 ? "one key" : `${counted(count)} keys`)
