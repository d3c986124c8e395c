/** The faults of a refused seed, each with its path. They never quote a value, which may be a secret. */
import { Data } from "effect"
import type { AnyKmsError } from "../domain/errors.ts"

export interface SeedFault {
  /** `keys[3].versions[0].material`; empty for the seed as a whole. */
  readonly path: string
  /** Continues a sentence that begins with the path: `must be one of Enabled, Disabled`. */
  readonly complaint: string
}

/** No key of the seed was created, unless `message` says otherwise. */
export class SeedRefused extends Data.TaggedError("SeedRefused")<{
  readonly message: string
  readonly faults: ReadonlyArray<SeedFault>
}> {}

const shownMax = 20

const sentence = ({ path, complaint }: SeedFault): string => `${path === "" ? "The seed" : path} ${complaint}.`

export const refused = (faults: ReadonlyArray<SeedFault>): SeedRefused => {
  const lines = faults.slice(0, shownMax).map(sentence)
  if (faults.length > shownMax) lines.push(`There are ${faults.length - shownMax} more faults.`)
  return new SeedRefused({ faults, message: `The seed is refused, and nothing was changed:\n  ${lines.join("\n  ")}` })
}

/** An error of the API as a complaint. */
export const refusal = ({ code, message, hint }: Pick<AnyKmsError, "code" | "message" | "hint">): string =>
  `is refused with ${code}: ${(hint ?? message).replace(/\.$/, "")}`
