/** The services that key actors need. The directory gathers them once. */
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
import type { CommitFeed } from "./journal.ts"

/** Failpoints before and after the material of a version is opened for a use. */
export const useFailpoints = ["actor.open.before", "actor.open.after"] as const
export type UseFailpoint = (typeof useFailpoints)[number]

/** An event that no caller requested: a deadline or a limit causes it. */
export interface Fact {
  readonly event: CmkEvent
  readonly cause: Cause
}

export interface VersionToMake {
  readonly keyId: KeyId
  /** The configuration that the key will have with the version. */
  readonly context: CmkContext
  readonly versionId: string
  /** In milliseconds of the lifecycle clock. */
  readonly at: number
}

export interface ActorServices {
  readonly store: Store["Service"]
  /** The provider for keys of this kind. */
  readonly providerOf: (context: CmkContext) => Effect.Effect<CryptoProvider, CryptoFailed>
  /** Makes and seals material for a new version. Nothing names it until its row commits. */
  readonly makeVersion: (
    version: VersionToMake
  ) => Effect.Effect<VersionRow, ErrorOf<"UnsupportedOperation"> | ServiceError>
  /** Performs the commands that the committed change owes, and removes them from the list of owed work. */
  readonly performOwed: (change: Change) => Effect.Effect<void>
  /** A commit may have succeeded although it failed to answer: look in the store for owed work. */
  readonly mayOwe: () => void
  /** Destroys the material that was made for versions that were not committed. */
  readonly discard: (context: CmkContext, versions: ReadonlyArray<VersionRow>) => Effect.Effect<void>
  /** A fact of the present time, for a version that has reached its limit of sealed messages. */
  readonly exhausted: (keyVersionId: KeyVersionId) => Fact
  /** The fact of a deadline that is performed at `at`, in milliseconds of the lifecycle clock. */
  readonly factAt: (due: DueRow, at: number) => Fact
  /** The fact of the first deadline that is due and may be performed now. */
  readonly dueNow: (keyId: KeyId, snapshot: CmkSnapshot) => Fact | undefined
  /** The error of a call whose permission was removed while it waited; undefined while it may proceed. */
  readonly revoked: (requestId: string) => PermissionError | undefined
  /** The lifecycle clock. */
  readonly now: () => number
  readonly armed: (dueAt: number) => void
  /** Counts a row of another writer that this engine adopted. */
  readonly adopted: () => void
  readonly adoptions: () => number
  readonly commitFeed: CommitFeed["Service"]
  /** Present if an XState inspector is attached. */
  readonly followerOf: FollowerOf | undefined
  /** A step of a use at which a test may change the key. */
  readonly reach: (failpoint: UseFailpoint) => Effect.Effect<void>
  /** Forgets a broken actor. */
  readonly drop: (keyId: KeyId) => void
}
