/** A seeded fault: a small change to the engine's source, named after a fault that real services have had. */
import { readFileSync } from "node:fs"
import type { LawId } from "../../../src/conformance/lawbook/laws.ts"

export const faultClasses = [
  "decisions",
  "time",
  "versions",
  "aliases",
  "contexts",
  "import",
  "asymmetric",
  "authorization",
  "durability",
  "concurrency",
  "plaintext",
  "references",
  "metadata",
  "tags",
  "lists",
  "restarts",
  "wire",
  "quotas",
  "places"
] as const

/** A fault of one change, and the law that must name it. */
export const seeded = (id: string, does: string, law: LawId, ...patches: ReadonlyArray<Patch>): Fault => ({
  id,
  does,
  law,
  patches
})

export type FaultClass = (typeof faultClasses)[number]

export interface Patch {
  /** From the root of the repository. */
  readonly file: string
  /** Must be there exactly once. */
  readonly find: string
  readonly replace: string
}

/** An engine with a fault in it. */
export interface BrokenEngine {
  readonly id: string
  readonly patches: ReadonlyArray<Patch>
}

export interface Fault extends BrokenEngine {
  /** What the engine does wrong. */
  readonly does: string
  /** The law that must name it. */
  readonly law: LawId
}

/**
 * The service that a class of faults is tested on: in memory, or over HTTP with users who have policies. The others are
 * on disk, with the suite's restarts or with a restart before every call.
 */
export type Ground = "memory" | "http" | "disk" | "restarts"

export const groundOf: Readonly<Record<FaultClass, Ground>> = {
  decisions: "memory",
  time: "memory",
  versions: "memory",
  aliases: "memory",
  contexts: "memory",
  import: "memory",
  asymmetric: "memory",
  authorization: "http",
  durability: "restarts",
  concurrency: "memory",
  plaintext: "memory",
  references: "memory",
  metadata: "memory",
  tags: "memory",
  lists: "memory",
  restarts: "disk",
  wire: "http",
  quotas: "memory",
  places: "memory"
}

export const root = new URL("../../../", import.meta.url)

/** The number of places with the text of a patch: the fault applies only if there is exactly one. */
export const occurrences = ({ file, find }: Patch): number =>
  readFileSync(new URL(file, root), "utf8").split(find).length - 1

/** The source with every patch for it applied. Throws where a patch no longer fits. */
export const patched = (fault: BrokenEngine, file: string, source: string): string => {
  let text = source
  for (const patch of fault.patches) {
    if (patch.file !== file) continue
    const found = text.split(patch.find).length - 1
    if (found !== 1) throw new Error(`${fault.id}: its text is ${found} times in ${file}`)
    text = text.replace(patch.find, () => patch.replace)
  }
  return text
}

/** Some faults are possible only without the machine's guards, so engines with such a fault have no guards. */
export const unguarded: Patch = {
  file: "src/actor/turn.ts",
  find: "if (faults.length > 0) return",
  replace: "if (faults.length > 99) return"
}

/** Opened versions stay open after every change of the key. */
export const staysOpen: Patch = {
  file: "src/actor/use.ts",
  find: 'stillUsable: () => key.snapshot.hasTag("usable")',
  replace: "stillUsable: () => true"
}
