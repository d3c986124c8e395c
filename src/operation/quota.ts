/** Quotas of an account in a region. The commit decides whether there is room, so the quota is never exceeded. */
import { Effect } from "effect"
import { quotaReached } from "../actor/refusals.ts"
import { aliasesPerRealmMax, keysPerRealmMax } from "../domain/limits.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import { refuse } from "../domain/errors.ts"
import type { ErrorOf } from "../domain/errors.ts"
import type { RealmQuota } from "../records/rows.ts"
import type { Call } from "./operation.ts"

export const keyQuota: RealmQuota = { of: "keys", maximum: keysPerRealmMax }
export const aliasQuota: RealmQuota = { of: "aliases", maximum: aliasesPerRealmMax }

/** The documented quota, or the one that the operator set. */
export const quotaIn = ({ services: { quotas } }: Call, documented: RealmQuota): RealmQuota => ({
  ...documented,
  maximum: quotas[documented.of] ?? documented.maximum
})

/** Fails if an asymmetric key has the versions that the operator allows. Versions of a key are made days apart. */
export const roomForVersion = (
  { services: { quotas } }: Call,
  count: number
): Effect.Effect<void, ErrorOf<"Rejected.LimitExceeded">> =>
  quotas.versions === undefined || count < quotas.versions
    ? Effect.void
    : Effect.fail(
        refuse("Rejected.LimitExceeded", { hint: `An asymmetric key has at most ${quotas.versions} versions.` })
      )

/** Refuses before key material is made for a key that the commit would refuse. */
export const roomForKey = (
  { realm, services }: Call,
  quota: RealmQuota
): Effect.Effect<void, ErrorOf<"Rejected.LimitExceeded"> | ServiceError> =>
  Effect.flatMap(services.store.userKeyCount(realm), (count) =>
    count < quota.maximum ? Effect.void : Effect.fail(quotaReached(quota))
  )
