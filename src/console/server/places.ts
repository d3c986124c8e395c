/** Positions in the audit log for pages: sealed, because their numbers reveal the activity of all accounts. */
import { Redacted } from "effect"
import type { AccessKeys } from "../../authorization/accessKeys.ts"
import type { AccountId } from "../../domain/ids.ts"
import { encodeBase64Url } from "../../encoding/base64.ts"
import type { Randomness } from "../../platform/services.ts"
import { openWith, proofOf, sealWith } from "./secrets.ts"

/** A line of the audit log: the number of its segment, and its number in the segment. */
export interface Place {
  readonly seq: number
  readonly line: number
}

export interface Places {
  readonly seal: (account: AccountId, place: Place) => string
  /** Undefined unless a server with the same root access key sealed the position for this account. */
  readonly open: (account: AccountId, sealed: string) => Place | undefined
}

const placeForm = /^([0-9]+) ([0-9]+)$/
const saltBytes = 16

export const makePlaces = ({ root }: AccessKeys["Service"], randomness: Randomness["Service"]): Places => {
  /** A secret for one position only, as `sealWith` requires. */
  const secretOf = (account: AccountId, salt: string): string =>
    proofOf(Redacted.value(root.secret), ["place", account, salt])
  return {
    seal: (account, { line, seq }) => {
      const salt = encodeBase64Url(randomness.bytes(saltBytes))
      return `${salt}.${sealWith(secretOf(account, salt), `${seq} ${line}`)}`
    },
    open: (account, sealed) => {
      const [salt = "", text = ""] = sealed.split(".")
      const [, seq, line] = placeForm.exec(openWith(secretOf(account, salt), text) ?? "") ?? []
      return seq === undefined ? undefined : { seq: Number(seq), line: Number(line) }
    }
  }
}
