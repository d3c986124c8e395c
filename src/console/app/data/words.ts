/** Sentences that several pages use. */
import type { Refusal } from "../../protocol.ts"

export const refusalWord = ({ code, hint, message }: Refusal): string =>
  `${message}${hint === undefined ? "" : ` ${hint}`} (${code})`
