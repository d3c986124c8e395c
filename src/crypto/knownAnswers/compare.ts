/** Answers held against what they should be, and made wrong on purpose. */
import { equalBytes } from "@noble/curves/utils.js"

export const same = (left: Uint8Array | undefined, right: Uint8Array): boolean =>
  left !== undefined && equalBytes(left, right)

/** With the last bit the other way round. */
export const spoiled = (bytes: Uint8Array): Uint8Array =>
  bytes.map((byte, at) => (at === bytes.length - 1 ? byte ^ 1 : byte))
