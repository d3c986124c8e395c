/** The actor of one key: its state, and the functions that the rest of the service may call on it. */
import type { Effect } from "effect"
import type { CmkEvent, CmkSnapshot } from "../../machines/cmk.ts"
import type { KeyOperation } from "../../machines/permits.ts"
import type { CryptoFailed } from "../crypto/provider.ts"
import type { AnyKmsError } from "../domain/errors.ts"
import type { KeyVersionId } from "../domain/ids.ts"
import type { ActorServices } from "./actorServices.ts"
import type { Cause, ExtraChanges } from "./change.ts"
import type { Work } from "./handles.ts"
import type { KeyActor } from "./keyActorPort.ts"
import { makeKeyState, retire } from "./keyState.ts"
import type { StoredKey } from "./keyState.ts"
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

export const makeKeyActor = (services: ActorServices, stored: StoredKey): KeyActor => {
  const key = makeKeyState(services, stored)
  return typed({
    keyId: key.keyId,
    snapshot: () => key.snapshot,
    metadata: () => key.row.metadata,
    row: () => key.row,
    tell: (event, cause, extra = {}) => tell(key, { event, cause, extra }),
    gate: (operation) => gate(key, operation),
    use: (operation, version, work) => useMaterial(key, { operation, version, work }),
    catchUp: (revision) => catchUp(key, revision),
    retire: () => retire(key),
    retired: () => key.isRetired,
    idleSweeps: 0
  })
}
