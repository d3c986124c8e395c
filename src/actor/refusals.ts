/** What a key's actor refuses with. */
import type { Refusal } from "../../machines/permits.ts"
import { refuse } from "../domain/errors.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { TooManyTags } from "../plan/metadataEdit.ts"
import type { RealmQuota } from "../records/rows.ts"
import type { ExtraChanges } from "./change.ts"

/** The machine's refusal in the API's words. */
export const refusedBy = (refusal: Refusal): AnyKmsError =>
  refuse(refusal.code, { keyState: refusal.keyState, allowedStates: refusal.allowedStates, hint: refusal.hint })

export const expired = (): AnyKmsError =>
  refuse("Rejected.PendingImport", {
    hint: "The key material has expired. Import it again with a later expiry, or without one."
  })

/** The actor was dropped while a caller held it. */
export const retiredActor = (): AnyKmsError => refuse("ServiceUnavailableTemporary", { hint: "Try again." })

/** Metadata that the key has now does not allow the edit. */
export const refusedEdit = ({ tagsMax }: TooManyTags): AnyKmsError =>
  refuse("Rejected.LimitExceeded", { hint: `A key has at most ${tagsMax} tags.` })

/** The account has as many of them in the region as it may have. */
export const quotaReached = ({ of, maximum }: RealmQuota): ErrorOf<"Rejected.LimitExceeded"> =>
  refuse("Rejected.LimitExceeded", { hint: `An account has at most ${maximum} ${of} in a region.` })

/** An alias that was free is taken, or one that was bound is gone: nothing was changed. */
export const aliasConflict = ({ aliases }: ExtraChanges): AnyKmsError =>
  aliases?.some(({ from }) => from !== null) === true
    ? refuse("Forbidden.AliasNotFound", { hint: "The alias was moved or deleted during this call; look it up again." })
    : refuse("AliasAlreadyExists", { hint: "Choose another name, or call UpdateAlias to bind this one to the key." })
