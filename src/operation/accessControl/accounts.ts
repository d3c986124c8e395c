/** Shared by the operations on accounts: who may call them, account ids, and access keys in replies. */
import { Redacted } from "effect"
import type { AccessKeyPair } from "../../authorization/accessControl.ts"
import { AccountId, isAccountId } from "../../domain/ids.ts"
import { wireBytesPerAsciiChar } from "../parameters.ts"
import type { Kind } from "../parameters.ts"

export const root = { on: "root" } as const

export const accountId: Kind<string, AccountId> = {
  read: (given) => (typeof given === "string" && isAccountId(given) ? AccountId.make(given) : undefined),
  form: "1 to 16 digits",
  wireBytesMax: 16 * wireBytesPerAsciiChar
}

export const pairShown = ({ accessKeyId, secret }: AccessKeyPair) => ({
  AccessKeyId: accessKeyId,
  AccessKeySecret: Redacted.value(secret)
})
