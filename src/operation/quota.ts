/** Quotas of an account in a region. The commit decides whether there is room: one more is never made. */
import { Effect } from "effect"
import { quotaReached } from "../actor/refusals.ts"
import { aliasesPerRealmMax, keysPerRealmMax } from "../domain/limits.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { ErrorOf } from "../domain/errors.ts"
import type { RealmQuota } from "../records/rows.ts"
import type { Call } from "./operation.ts"

export const keyQuota: RealmQuota = { of: "keys", maximum: keysPerRealmMax }
export const aliasQuota: RealmQuota = { of: "aliases", maximum: aliasesPerRealmMax }

/** Refuses before key material is made for a key that the commit would refuse. */
export const roomForKey = ({
  realm,
  world
}: Call): Effect.Effect<void, ErrorOf<"Rejected.LimitExceeded"> | ServiceError> =>
  Effect.flatMap(world.store.userKeyCount(realm), (count) =>
    count < keyQuota.maximum ? Effect.void : Effect.fail(quotaReached(keyQuota))
  )
