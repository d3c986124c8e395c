/** What the actors of keys need of the rest of the service, gathered once by the directory. */
import type { Effect } from "effect"
import type { CmkContext, CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import type { CryptoFailed, CryptoProvider } from "../crypto/provider.ts"
import type { PermissionError, ServiceError } from "../domain/errorGroups.ts"
import type { ErrorOf } from "../domain/errors.ts"
import type { KeyId, KeyVersionId } from "../domain/ids.ts"
import type { Store } from "../store/store.ts"
import type { Change, DueRow, VersionRow } from "../records/rows.ts"
import type { Cause } from "./change.ts"
import type { FollowerOf } from "./inspection.ts"
import type { Happenings } from "./journal.ts"

/** Before and after the material of a version is opened for a use. */
export const useFailpoints = ["actor.open.before", "actor.open.after"] as const
export type UseFailpoint = (typeof useFailpoints)[number]

/** An event that no caller asked for: time or a limit brings it. */
export interface Fact {
  readonly event: CmkEvent
  readonly cause: Cause
}

export interface VersionToMake {
  readonly keyId: KeyId
  /** The configuration that the key has with the version. */
  readonly context: CmkContext
  readonly versionId: string
  /** In milliseconds of the lifecycle clock. */
  readonly at: number
}

export interface ActorServices {
  readonly store: Store["Service"]
  /** The provider that holds keys like this one. */
  readonly providerOf: (context: CmkContext) => Effect.Effect<CryptoProvider, CryptoFailed>
  /** Makes and seals material for a new version; nothing names it until its row commits. */
  readonly makeVersion: (
    version: VersionToMake
  ) => Effect.Effect<VersionRow, ErrorOf<"UnsupportedOperation"> | ServiceError>
  /** Carries out what the committed change still owes, and strikes it off. */
  readonly performOwed: (change: Change) => Effect.Effect<void>
  /** A commit may have happened although it failed: what it owes is looked for in the store. */
  readonly mayOwe: () => void
  /** Destroys what was made for versions that did not come to be. */
  readonly discard: (context: CmkContext, versions: ReadonlyArray<VersionRow>) => Effect.Effect<void>
  /** A fact of this instant, for a version that has sealed all it may. */
  readonly exhausted: (keyVersionId: KeyVersionId) => Fact
  /** The fact of a deadline that is carried out at `at`, in milliseconds of the lifecycle clock. */
  readonly factAt: (due: DueRow, at: number) => Fact
  /** The fact of the first deadline that is due and may be carried out now. */
  readonly dueNow: (keyId: KeyId, snapshot: CmkSnapshot) => Fact | undefined
  /** Why the call of a request id may no longer change anything, if its permission was taken away. */
  readonly revoked: (requestId: string) => PermissionError | undefined
  /** The lifecycle clock. */
  readonly now: () => number
  readonly armed: (dueAt: number) => void
  /** Counts a row that another writer made and this engine took on. */
  readonly adopted: () => void
  readonly adoptions: () => number
  readonly happenings: Happenings["Service"]
  /** Present if an XState inspector looks. */
  readonly followerOf: FollowerOf | undefined
  /** A step of a use at which a test may change the key. */
  readonly reach: (failpoint: UseFailpoint) => Effect.Effect<void>
  /** Forgets a broken actor. */
  readonly drop: (keyId: KeyId) => void
}
