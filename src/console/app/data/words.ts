/** Sentences that several pages use. */
import type { Refusal } from "../../protocol.ts"
import { plural } from "../text/text.ts"

export const refusalWord = ({ code, hint, message }: Refusal): string =>
  `${message}${hint === undefined ? "" : ` ${hint}`} (${code})`

/** `one key`, `1,200 keys` */
export const countedKeys = (count: number): string =>
  plural(count, { one: "one key", other: "{count} keys" }, { count })
