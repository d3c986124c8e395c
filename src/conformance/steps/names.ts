/** Maps the labels of a test to values of the service: ids, ciphertexts, tokens, and the receiver of each. */
import { createHash } from "node:crypto"
import type { Label } from "./step.ts"

export interface Names {
  /** Makes the names of this run unique. */
  readonly run: string
  /** The value of a label: a key id, a version id, a ciphertext, a token, a signature. */
  readonly of: (label: Label) => string | undefined
  readonly bind: (label: Label, value: string) => void
  /** The label of an id, if this run created it. */
  readonly labelOf: (value: string) => Label | undefined
  readonly alias: (label: Label) => string
}

/** The characters after `alias/` of the longest name that the vendor permits. */
export const aliasLength = 255

/** How the name of an alias ends if its label ends so: `a1.longest`. */
const endings: Readonly<Record<string, (name: string) => string>> = {
  longest: (name) => name.padEnd(aliasLength, "x"),
  tooLong: (name) => name.padEnd(aliasLength + 1, "x"),
  slashed: (name) => `${name}/of_the/Team-1`
}

/** The id of a key that does not exist. */
export const nobodysKey = "00000000-0000-4000-8000-000000000000"

/** Names for one possible order of concurrent calls. Only `keep` changes the names they were made from. */
export interface TrialNames extends Names {
  readonly keep: () => void
}

const over = (run: string, under?: Names): TrialNames => {
  const values = new Map<Label, string>()
  const labels = new Map<string, Label>()
  return {
    run,
    of: (label) => values.get(label) ?? under?.of(label),
    bind: (label, value) => {
      values.set(label, value)
      labels.set(value, label)
    },
    labelOf: (value) => labels.get(value) ?? under?.labelOf(value),
    alias: (label) => {
      const [plain = label] = label.split("@")
      const [first = plain, ending = ""] = plain.split(".")
      const name = `kc-${run}-${first}`
      return `alias/${endings[ending]?.(name) ?? name}`
    },
    keep: () => {
      for (const [label, value] of values) under?.bind(label, value)
    }
  }
}

export const makeNames = (run: string): Names => over(run)

export const trialOf = (names: Names): TrialNames => over(names.run, names)

/** Material that the suite invents; it protects nothing. */
export const materialOf = (which: string, bytes = 32): Uint8Array =>
  new Uint8Array(createHash("sha512").update(`keystate conformance material ${which}`).digest().subarray(0, bytes))

/** The digest to sign for a text. */
export const digestOf = (text: string): Buffer => createHash("sha256").update(text).digest()
