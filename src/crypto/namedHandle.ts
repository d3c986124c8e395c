/** The handle every provider gives out: it holds nothing but names, and prints as its spec. */
import type { KeySpec } from "../domain/keySpec.ts"
import type { KeyHandle, MaterialRow } from "./provider.ts"

/** The key behind it is known to the provider that made it, and to nobody else. */
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
