/** The errors of a key's port: what the machine, the store and other callers can refuse a change or a use with. */
import type { Effect } from "effect"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import type { RefusalCodeOf } from "../../machines/refusals.ts"
import type { CryptoFailed } from "../crypto/provider.ts"
import type { CallError, ServiceError } from "../domain/errorGroups.ts"
import type { AnyKmsError, ErrorOf } from "../domain/errors.ts"
import type { KeyVersionId } from "../domain/ids.ts"
import type { Beside, Cause } from "./change.ts"
import type { KeyActor } from "./keyActor.ts"
import type { Work } from "./use.ts"

/** What a change can be refused with for the aliases and tags that belong to it. */
interface BesideCodes {
  readonly TagResource: "Rejected.LimitExceeded"
  readonly CreateAlias: "AliasAlreadyExists"
  readonly UpdateAlias: "Forbidden.AliasNotFound"
  readonly DeleteAlias: "Forbidden.AliasNotFound"
}

/** Refusals of an operation in the present state of the key. */
export type GateError<Operation extends KeyOperation> = ErrorOf<RefusalCodeOf<Operation>> | ServiceError

/** Refusals of an event. */
export type TellError<Type extends CmkEvent["type"]> =
  | ErrorOf<RefusalCodeOf<Extract<Type, KeyOperation>>>
  | ErrorOf<Type extends keyof BesideCodes ? BesideCodes[Type] : never>
  | CallError

/** Refusals of a use of a version's material. A primary version is always there. */
export type UseError<Operation extends KeyOperation, Version> =
  | GateError<Operation>
  | ErrorOf<Version extends "primary" ? never : "Forbidden.KeyVersionNotFound">
  | CallError

/** An actor before its errors are stated: it refuses with what the machine tells it at run time. */
export interface Unstated extends Omit<KeyActor, "tell" | "gate" | "use"> {
  readonly tell: (event: CmkEvent, cause: Cause, beside?: Beside) => Effect.Effect<CmkSnapshot, AnyKmsError>
  readonly gate: (operation: KeyOperation) => Effect.Effect<void, AnyKmsError>
  readonly use: <A>(
    operation: KeyOperation,
    version: KeyVersionId | "primary",
    work: Work<A>
  ) => Effect.Effect<A, AnyKmsError | CryptoFailed>
}

/**
 * The boundary where an actor's errors are stated. The compiler cannot see which codes the machine refuses an operation
 * with; tests compare the table of refusals with the machine, and the answers of every operation with its list.
 */
export const stated = (actor: Unstated): KeyActor => actor as KeyActor
