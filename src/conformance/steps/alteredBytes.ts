/** Base64 values with a deliberate fault. */
import type { Step } from "./step.ts"

/** Flips one bit, at the position that `bytes` gives in hundredths of the length; in the last byte if absent. */
export const altered = (base64: string, at = 100): string => {
  const bytes = Buffer.from(base64, "base64")
  const index = Math.min(bytes.length - 1, Math.floor((bytes.length * at) / 100))
  bytes[index] = (bytes[index] ?? 0) ^ 1
  return bytes.toString("base64")
}

/** With one byte behind it. */
const lengthened = (base64: string): string =>
  Buffer.concat([Buffer.from(base64, "base64"), Buffer.of(0)]).toString("base64")

/** Without its last byte. */
export const cut = (base64: string): string => Buffer.from(base64, "base64").subarray(0, -1).toString("base64")

/** A signature with the fault that the step asks for. */
export const faultyValue = ({ twist, bytes }: Step, value: string): string => {
  if (twist === "lengthened") return lengthened(value)
  return twist === "tampered" ? altered(value, bytes) : value
}
