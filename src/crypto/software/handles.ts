/** The keys of one provider's handles, which only that provider can reach. */
import { NamedHandle } from "../namedHandle.ts"
import type { KeySpec } from "../../domain/keySpec.ts"
import type { OpenedPair } from "../asymmetric/pairKind.ts"
import type { VersionKey } from "../message.ts"
import type { KeyHandle, MaterialRow } from "../provider.ts"

export interface SoftwareHandles {
  readonly ofKey: (row: MaterialRow, spec: KeySpec, key: VersionKey) => KeyHandle
  readonly ofPair: (row: MaterialRow, spec: KeySpec, pair: OpenedPair) => KeyHandle
  /** Undefined for a handle of the other kind; a defect for a closed handle, or one of another provider. */
  readonly keyOf: (handle: KeyHandle) => VersionKey | undefined
  readonly pairOf: (handle: KeyHandle) => OpenedPair | undefined
}

interface Held {
  readonly key?: VersionKey
  readonly pair?: OpenedPair
}

export const makeHandles = (): SoftwareHandles => {
  const opened = new WeakMap<KeyHandle, Held>()

  const hold = (row: MaterialRow, spec: KeySpec, held: Held): KeyHandle => {
    const handle = new NamedHandle(spec, row, () => {
      held.key?.hash.wipe()
      held.pair?.wipe()
      opened.delete(handle)
    })
    opened.set(handle, held)
    return handle
  }

  const heldBy = (handle: KeyHandle): Held => {
    const held = opened.get(handle)
    if (held === undefined) throw new Error("a handle must be open, and belong to the provider that opened it")
    return held
  }

  return {
    ofKey: (row, spec, key) => hold(row, spec, { key }),
    ofPair: (row, spec, pair) => hold(row, spec, { pair }),
    keyOf: (handle) => heldBy(handle).key,
    pairOf: (handle) => heldBy(handle).pair
  }
}
