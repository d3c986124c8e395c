/** The seeded faults and counterexamples that the pages of the laws show. `npm run conformance:power -- --examples` writes them. */
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import type { LawId } from "../../../conformance/lawbook/laws.ts"

/** A counterexample from a real run on an engine with a seeded fault. */
export interface SeededExample {
  /** What the engine did wrong. */
  readonly does: string
  /** The lines that the terminal showed. */
  readonly text: ReadonlyArray<string>
}

export interface Seeded {
  /** What each seeded fault does, by the law that must name it. */
  readonly faults: { readonly [law in LawId]?: ReadonlyArray<string> }
  /** The kinds of key that each law was tested on. */
  readonly kinds: { readonly [law in LawId]?: ReadonlyArray<string> }
  readonly examples: { readonly [law in LawId]?: SeededExample }
}

export const seededFile = fileURLToPath(new URL("seeded.json", import.meta.url))

/** The file is written by this project and compared with the faults by a test. */
export const readSeeded = (): Seeded => JSON.parse(readFileSync(seededFile, "utf8")) as Seeded
