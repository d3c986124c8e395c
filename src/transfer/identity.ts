/** What identifies the contents of a store: every key with the head of its journal, and the end of the audit log. */
import { createHash } from "node:crypto"
import { Effect, Stream } from "effect"
import type { StoreDriver, StoreFailure } from "../store/driver.ts"
import { makeStore } from "../store/makeStore.ts"
import type { Page, Rows } from "../store/transfer.ts"

export interface Identity {
  readonly keys: number
  /** The sum of the digests of all keys, which does not depend on their order. */
  readonly heads: bigint
  /** The last segment of the audit log. */
  readonly audit: string
}

const none: Identity = { keys: 0, heads: 0n, audit: "" }

const modulus = 1n << 256n

const digestOf = (keyId: string, head: string): bigint =>
  BigInt(`0x${createHash("sha256").update(`${keyId} ${head}`).digest("hex")}`)

const withKey = ({ audit, heads, keys }: Identity, keyId: string, head: string): Identity => ({
  keys: keys + 1,
  heads: (heads + digestOf(keyId, head)) % modulus,
  audit
})

const withPage = (identity: Identity, page: Page): Identity => {
  if (page.table === "keys") {
    return page.rows.reduce((found, { head, keyId }) => withKey(found, keyId, head), identity)
  }
  const last = page.table === "audit" ? page.rows.at(-1) : undefined
  return last === undefined ? identity : { ...identity, audit: `${last.seq} ${last.hash}` }
}

/** The same rows. `done` receives their identity after the last row. */
export const identified = <E>(rows: Rows<E>, done: (identity: Identity) => void): Rows<E> =>
  Stream.suspend(() => {
    let found = none
    const watched = Stream.map(rows, (page) => {
      found = withPage(found, page)
      return page
    })
    return Stream.concat(
      watched,
      Stream.fromEffectDrain(
        Effect.sync(() => {
          done(found)
        })
      )
    )
  })

const pageSize = 256

/** The identity of a store, read from its driver. */
export const identityIn = (driver: StoreDriver): Effect.Effect<Identity, StoreFailure> =>
  Effect.gen(function* () {
    const store = makeStore(driver)
    let found = none
    let after: Parameters<typeof store.allKeyIds>[0]["after"]
    for (;;) {
      const keyIds = yield* store.allKeyIds({ after, limit: pageSize })
      for (const keyId of keyIds) {
        const row = yield* store.key(keyId)
        if (row !== undefined) found = withKey(found, keyId, row.head)
      }
      after = keyIds.at(-1)
      if (after === undefined) break
    }
    const [last] = yield* store.auditSegmentsBefore({ beforeSeq: Number.MAX_SAFE_INTEGER, limit: 1 })
    return last === undefined ? found : { ...found, audit: `${last.seq} ${last.hash}` }
  })

export const isSame = (one: Identity, other: Identity): boolean =>
  one.keys === other.keys && one.heads === other.heads && one.audit === other.audit
