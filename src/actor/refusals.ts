/** The errors with which a key's actor refuses. */
import type { Refusal } from "../../machines/permits.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { TooManyTags } from "../plan/metadataEdit.ts"
import type { RealmQuota } from "../records/rows.ts"
import type { ExtraChanges } from "./change.ts"

/** The machine's refusal as an error of the API. */
export const refusedBy = (refusal: Refusal): AnyKmsError =>
  refuse(refusal.code, { keyState: refusal.keyState, allowedStates: refusal.allowedStates, hint: refusal.hint })

export const expired = (): AnyKmsError =>
  refuse("Rejected.PendingImport", {
    hint: "The key material has expired. Import it again with a later expiry, or without one."
  })

/** Material that expires before the key takes it. */
export const expiredOnArrival = (): AnyKmsError =>
  refuse("InvalidParameter", {
    parameter: "KeyMaterialExpireUnix",
    hint: "KeyMaterialExpireUnix must be a time in the future, or 0 for never."
  })

/** The actor was dropped while a caller held it. */
export const retiredActor = (): AnyKmsError => refuse("ServiceUnavailableTemporary", { hint: "Try again." })

/** The present metadata of the key does not allow the edit. */
export const refusedEdit = ({ tagsMax }: TooManyTags): AnyKmsError =>
  refuse("Rejected.LimitExceeded", { hint: `A key has at most ${tagsMax} tags.` })

/** The account has reached its quota in the region. */
export const quotaReached = ({ of, maximum }: RealmQuota): ErrorOf<"Rejected.LimitExceeded"> =>
  refuse("Rejected.LimitExceeded", { hint: `An account has at most ${maximum} ${of} in a region.` })

/** An alias that was free is now taken, or a bound one was deleted. Nothing was changed. */
export const aliasConflict = ({ aliases }: ExtraChanges): AnyKmsError =>
  aliases?.some(({ from }) => from !== null) === true
    ? refuse("Forbidden.AliasNotFound", { hint: "The alias was moved or deleted during this call; look it up again." })
    : refuse("AliasAlreadyExists", { hint: "Choose another name, or call UpdateAlias to bind this one to the key." })
