/** The functions of a key's actor that the rest of the service may call. */
import type { Effect } from "effect"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import type { CryptoFailed } from "../crypto/provider.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { KeyId, KeyVersionId } from "../domain/ids.ts"
import type { KeyMetadata, KeyRow } from "../records/rows.ts"
import type { Cause, ExtraChanges } from "./change.ts"
import type { Work } from "./handles.ts"
import type { GateError, TellError, UseError } from "./keyErrors.ts"

export interface KeyActor {
  readonly keyId: KeyId
  /** The committed configuration, which every gate reads. */
  readonly snapshot: () => CmkSnapshot
  readonly metadata: () => KeyMetadata
  readonly row: () => KeyRow
  /** Takes one event through decide → persist → commit → perform, in its turn. */
  readonly tell: <Event extends CmkEvent>(
    event: Event,
    cause: Cause,
    extra?: ExtraChanges
  ) => Effect.Effect<CmkSnapshot, TellError<Event["type"]>>
  /** Fails unless the operation is permitted in the committed configuration. */
  readonly gate: <Operation extends KeyOperation>(operation: Operation) => Effect.Effect<void, GateError<Operation>>
  /**
   * Uses a version's material. The work begins when this is called. If the epoch changed while `work` ran, the gate is
   * checked again, so that a revoked key returns no result.
   */
  readonly use: <Operation extends KeyOperation, Version extends KeyVersionId | "primary", A>(
    operation: Operation,
    version: Version,
    work: Work<A>
  ) => Effect.Effect<A, UseError<Operation, Version> | CryptoFailed>
  /** Reads the key from the store, unless the actor already shows `revision`. */
  readonly catchUp: (revision: string | undefined) => Effect.Effect<void, ServiceError>
  /** Releases everything the actor holds. Refused while turns are waiting. */
  readonly retire: () => boolean
  /** True after the actor was dropped. Callers that hold it must look the key up again. */
  readonly retired: () => boolean
  /** Directory sweeps since the last use. */
  idleSweeps: number
}
