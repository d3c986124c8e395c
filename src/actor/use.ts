/** A use of a version's material: what is asked for, and when it begins again. */
import type { Cause, Effect } from "effect"
import type { KeyOperation } from "../../machines/permits.ts"
import type { CryptoFailed } from "../crypto/provider.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyVersionId } from "../domain/ids.ts"
import type { Opened } from "./handles.ts"

/** Versions that one use may find at their limit, each made while it waited for the last. */
export const exhaustedVersionsMax = 4

export type Work<A> = (opened: Opened) => Effect.Effect<A, CryptoFailed>
export type Used<A> = Effect.Effect<A, AnyKmsError | CryptoFailed>

export interface Use<A> {
  readonly operation: KeyOperation
  readonly version: KeyVersionId | "primary"
  readonly work: Work<A>
}

/** How often a use begins again because the key was changed under it. */
export const restartsMax = 3

export const isExhausted = (cause: Cause.Cause<AnyKmsError | CryptoFailed>): boolean =>
  cause.reasons.some(
    (reason) => reason._tag === "Fail" && reason.error._tag === "CryptoFailed" && reason.error.reason === "Exhausted"
  )
