/** The handle of every provider: it has only names, and prints as its spec. */
import type { KeySpec } from "../domain/keySpec.ts"
import type { KeyHandle, MaterialRow } from "./provider.ts"

/** Only the provider that made the handle knows its key. */
export class NamedHandle implements KeyHandle {
  readonly spec: KeySpec
  readonly row: MaterialRow
  readonly close: () => void

  constructor(spec: KeySpec, row: MaterialRow, close: () => void) {
    this.spec = spec
    this.row = row
    this.close = close
  }

  toString(): string {
    return this.spec
  }
  toJSON(): string {
    return this.spec
  }
}
