/** All seeded faults, by class. */
import type { Fault, FaultClass } from "./fault.ts"
import { decisions } from "./faults/decisions.ts"
import { imports, versions } from "./faults/material.ts"
import { aliases, contexts } from "./faults/naming.ts"
import { asymmetric, authorization } from "./faults/pairs.ts"
import { time } from "./faults/time.ts"
import { concurrency, durability } from "./faults/wear.ts"

const faults: Readonly<Record<FaultClass, ReadonlyArray<Fault>>> = {
  decisions,
  time,
  versions,
  aliases,
  contexts,
  import: imports,
  asymmetric,
  authorization,
  durability,
  concurrency
}

export interface Seeded {
  readonly fault: Fault
  readonly of: FaultClass
}

export const allFaults: ReadonlyArray<Seeded> = Object.entries(faults).flatMap(([of, list]) =>
  list.map((fault) => ({ fault, of: of as FaultClass }))
)
