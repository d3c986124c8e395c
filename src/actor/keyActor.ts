/** The actor of one key: its state, and the functions that the rest of the service may call on it. */
import type { Effect } from "effect"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import type { CryptoFailed } from "../crypto/provider.ts"
import type { ServiceError } from "../domain/errorGroups.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyId, KeyVersionId } from "../domain/ids.ts"
import type { KeyMetadata, KeyRow } from "../records/rows.ts"
import type { ActorServices } from "./actorServices.ts"
import type { Cause, ExtraChanges } from "./change.ts"
import type { Work } from "./handles.ts"
import type { KeyActor } from "./keyActorPort.ts"
import { makeKeyState, retire } from "./keyState.ts"
import type { KeyState, StoredKey } from "./keyState.ts"
import { catchUp, tell } from "./turn.ts"
import { gate, useMaterial } from "./use.ts"

export type { KeyActor } from "./keyActorPort.ts"

/** An actor whose error types are not yet narrowed: it refuses with the code that the machine returns at run time. */
interface UntypedActor extends Omit<KeyActor, "tell" | "gate" | "use"> {
  readonly tell: (event: CmkEvent, cause: Cause, extra?: ExtraChanges) => Effect.Effect<CmkSnapshot, AnyKmsError>
  readonly gate: (operation: KeyOperation) => Effect.Effect<void, AnyKmsError>
  readonly use: <A>(
    operation: KeyOperation,
    version: KeyVersionId | "primary",
    work: Work<A>
  ) => Effect.Effect<A, AnyKmsError | CryptoFailed>
}

/**
 * The boundary where the error types of an actor are declared. The compiler cannot derive the machine's refusal codes
 * of an operation. Tests compare the table of refusals with the machine, and the errors of every operation with its
 * list.
 */
const typed = (actor: UntypedActor): KeyActor => actor as KeyActor

/** A class: its instances share their functions, and many keys are in memory at once. */
class LiveKeyActor implements UntypedActor {
  readonly keyId: KeyId
  idleSweeps = 0
  private readonly key: KeyState
  constructor(key: KeyState) {
    this.keyId = key.keyId
    this.key = key
  }
  snapshot(): CmkSnapshot {
    return this.key.snapshot
  }
  metadata(): KeyMetadata {
    return this.key.row.metadata
  }
  row(): KeyRow {
    return this.key.row
  }
  tell(event: CmkEvent, cause: Cause, extra: ExtraChanges = {}): Effect.Effect<CmkSnapshot, AnyKmsError> {
    return tell(this.key, { event, cause, extra })
  }
  gate(operation: KeyOperation): Effect.Effect<void, AnyKmsError> {
    return gate(this.key, operation)
  }
  use<A>(
    operation: KeyOperation,
    version: KeyVersionId | "primary",
    work: Work<A>
  ): Effect.Effect<A, AnyKmsError | CryptoFailed> {
    return useMaterial(this.key, { operation, version, work })
  }
  catchUp(revision: string | undefined): Effect.Effect<void, ServiceError> {
    return catchUp(this.key, revision)
  }
  retire(): boolean {
    return retire(this.key)
  }
  retired(): boolean {
    return this.key.isRetired
  }
}

export const makeKeyActor = (services: ActorServices, stored: StoredKey): KeyActor =>
  typed(new LiveKeyActor(makeKeyState(services, stored)))
