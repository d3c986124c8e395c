/** The length that a request for a data key gives: in bytes, by name, or both. */
import type { Step } from "./step.ts"

export const lengthOf = ({ twist, named, bytes }: Step): Readonly<Record<string, unknown>> => {
  if (twist === "tooLong") return { NumberOfBytes: 1025 }
  if (twist === "unknownSpec") return { KeySpec: "AES_192" }
  if (twist === "bothLengths") return { NumberOfBytes: bytes, KeySpec: bytes === 16 ? "AES_256" : "AES_128" }
  if (named === true) return { KeySpec: bytes === 16 ? "AES_128" : "AES_256" }
  return bytes === undefined ? {} : { NumberOfBytes: bytes }
}
