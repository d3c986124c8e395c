/** Counts failed sign-in attempts of all servers on the store, and blocks further ones for a while. */
import { createHash } from "node:crypto"
import { Schema } from "effect"
import type { Effect } from "effect"
import { encodeBase64Url } from "../../encoding/base64.ts"
import type { Store, StoreFailure } from "../../store/store.ts"
import { entryFields, makeExpiringEntries } from "./expiringEntries.ts"

/** Failed attempts with one access key from one address before the next must wait. */
const failuresMax = 10
const failureMillis = 60_000
/** Pairs of address and access key whose failures are kept. */
const failuresKeptMax = 10_000

const Failures = Schema.Struct({ ...entryFields, count: Schema.Finite })

export interface Attempts {
  /** Counts an attempt as failed before it is made. Returns false, and counts nothing, if the caller must wait. */
  readonly count: (by: string) => Effect.Effect<boolean, StoreFailure>
  /** Removes a successful attempt from the count. */
  readonly forgive: (by: string) => Effect.Effect<void, StoreFailure>
}

/**
 * Names an attempt by address and access key. By address alone, one person behind a proxy would block all others there;
 * by access key alone, a stranger would block its owner. The name is a digest, because someone may type a secret as the
 * id.
 */
export const attemptOf = (accessKeyId: string, from: string): string =>
  encodeBase64Url(createHash("sha256").update(`${from} ${accessKeyId}`).digest())

export const makeAttempts = (store: Store["Service"], now: () => number): Attempts => {
  const expiring = makeExpiringEntries({
    store,
    name: "console.attempts",
    schema: Failures,
    now,
    perOwner: failuresKeptMax
  })
  return {
    count: (by) =>
      expiring.edit(by, (found) => {
        if (found !== undefined && found.count >= failuresMax) return { entry: found, answer: false }
        const count = (found?.count ?? 0) + 1
        return { entry: { id: by, owner: "", until: now() + failureMillis, count }, answer: true }
      }),
    forgive: (by) =>
      expiring.edit(by, (found) => ({
        entry: found === undefined || found.count <= 1 ? undefined : { ...found, count: found.count - 1 },
        answer: undefined
      }))
  }
}
