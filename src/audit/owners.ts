/** The account of each audit record: that of its principal, or else that of its key. */
import { Effect } from "effect"
import { AccountId, isKeyId } from "../domain/ids.ts"
import type { KeyId } from "../domain/ids.ts"
import type { Store, StoreFailure } from "../store/store.ts"
import type { Segment } from "../records/rows.ts"
import { entryOf, spelledAt } from "../records/auditLine.ts"
import type { LineTest } from "./auditPage.ts"

/** The start of a line with a principal of an account. Decoding every line would be slow. */
const ofPrincipal = /^\{"at":-?[0-9]+,"requestId":"[^"\\]*","principal":"acs:ram::([0-9]{1,16}):/

/** The account of a key never changes, so it is looked up once. */
const knownKeysMax = 100_000

export interface Owners {
  /** Looks up the data that `of` needs for the lines of a segment. */
  readonly learn: (segment: Segment) => Effect.Effect<void, StoreFailure>
  /** The account of a line, counted from 1. Undefined if the line has none, such as a request without a signature. */
  readonly of: (segment: Segment, line: number) => AccountId | undefined
}

export const makeOwners = (store: Pick<Store["Service"], "key">): Owners => {
  const accounts = new Map<KeyId, AccountId>()

  const keyOf = (segment: Segment, line: number): KeyId | undefined => {
    const { keyId } = entryOf({ seq: segment.seq, line }, segment.lines)
    return isKeyId(keyId) ? keyId : undefined
  }

  return {
    learn: (segment) =>
      Effect.gen(function* () {
        for (const [index, text] of segment.lines.entries()) {
          if (!text.startsWith("{") || ofPrincipal.test(text)) continue
          const keyId = keyOf(segment, index + 1)
          if (keyId === undefined || accounts.has(keyId)) continue
          const row = yield* store.key(keyId)
          if (accounts.size >= knownKeysMax) accounts.clear()
          if (row !== undefined) accounts.set(keyId, row.realm.account)
        }
      }),
    of: (segment, line) => {
      const spelled = spelledAt(line, segment.lines)
      const account = ofPrincipal.exec(segment.lines[spelled - 1] ?? "")?.[1]
      if (account !== undefined) return AccountId.make(account)
      const keyId = keyOf(segment, spelled)
      return keyId === undefined ? undefined : accounts.get(keyId)
    }
  }
}

/** Selects the lines of one account. Lines without an account belong to the server's own. */
export const linesOf = (owners: Owners, account: AccountId, serverAccount: AccountId): LineTest => ({
  learn: owners.learn,
  takes: (segment, line) => (owners.of(segment, line) ?? serverAccount) === account
})
