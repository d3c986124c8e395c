/** The objects of one store in a token, and the object that each row of the store names. */
import { bytesToHex } from "@noble/hashes/utils.js"
import { Effect } from "effect"
import type { MaterialRow } from "../../provider.ts"
import type { StoredMaterial } from "../../../records/rows.ts"
import type { RootKey } from "../../seal.ts"
import type { ConnectedToken } from "../connection.ts"
import type { CallFailed } from "../pool/pool.ts"
import type { ObjectName } from "../protocol.ts"
import { labelPrefix, wrappingName, wrappingReferenceIdentity } from "./references.ts"
import { labelOf } from "./tokenProvider.ts"

export interface Inventory {
  /** Objects of this store; `place` is id and label, equal for both halves of a pair. */
  readonly objects: Effect.Effect<ReadonlyArray<{ readonly place: string; readonly name: ObjectName }>, CallFailed>
  readonly destroy: (name: ObjectName) => Effect.Effect<void, CallFailed>
  readonly labelOf: (row: MaterialRow, stored: StoredMaterial) => string | undefined
  /** Undefined if the session's pair is not in a token. */
  readonly sessionLabelOf: (id: string, sealed: Uint8Array) => string | undefined
}

/** Labels of keys are unique; those of wrapping pairs are alike, and their ids distinguish them. */
const placeOf = ({ id, label }: ObjectName): string =>
  label.endsWith(":import") ? `${label} ${bytesToHex(id)}` : label

export const inventoryOf = (
  { pool: { call } }: ConnectedToken,
  { rootKey, tag }: { readonly rootKey: RootKey; readonly tag: string }
): Inventory => ({
  objects: Effect.map(call("list", { labelPrefix: labelPrefix(tag) }), (objects) =>
    objects.map(({ id, label }) => ({ place: placeOf({ id, label }), name: { id, label } }))
  ),
  destroy: (name) => Effect.asVoid(call("destroy", { name })),
  labelOf: (row, stored) => labelOf({ rootKey, tag }, row, stored),
  sessionLabelOf: (id, sealed) =>
    rootKey.open({ identity: wrappingReferenceIdentity(id), sealed }) === undefined
      ? undefined
      : placeOf(wrappingName(tag, id))
})
