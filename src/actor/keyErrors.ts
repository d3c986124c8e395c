/** The errors of a key's port: codes with which the machine, the store and other callers refuse a change or a use. */
import type { CmkEvent } from "../../machines/cmk.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import type { RefusalCodeOf } from "../../machines/refusals.ts"
import type { CallError, ServiceError } from "../domain/errorGroups.ts"
import type { ErrorOf } from "../domain/errors.ts"

/** Refusals of a change because of its aliases and tags. */
interface ExtraChangeCodes {
  readonly TagResource: "Rejected.LimitExceeded"
  readonly CreateAlias: "AliasAlreadyExists" | "Rejected.LimitExceeded"
  readonly UpdateAlias: "Forbidden.AliasNotFound"
  readonly DeleteAlias: "Forbidden.AliasNotFound"
}

/** Refusals of an operation in the present state of the key. */
export type GateError<Operation extends KeyOperation> = ErrorOf<RefusalCodeOf<Operation>> | ServiceError

/** Refusals of an event. */
export type TellError<Type extends CmkEvent["type"]> =
  | ErrorOf<RefusalCodeOf<Extract<Type, KeyOperation>>>
  | ErrorOf<Type extends keyof ExtraChangeCodes ? ExtraChangeCodes[Type] : never>
  | CallError

/** Refusals of a use of a version's material. A primary version always exists. */
export type UseError<Operation extends KeyOperation, Version> =
  | GateError<Operation>
  | ErrorOf<Version extends "primary" ? never : "Forbidden.KeyVersionNotFound">
  | CallError
