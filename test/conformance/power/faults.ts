/** All seeded faults, by class. */
import type { Fault, FaultClass } from "./fault.ts"
import { decisions } from "./faults/decisions.ts"
import { access } from "./faults/access.ts"
import { imports, versions } from "./faults/material.ts"
import { aliases, contexts } from "./faults/naming.ts"
import { asymmetric, authorization } from "./faults/pairs.ts"
import { laterMaterial, lists, metadata, nearNames, plaintext, references, tags } from "./faults/keyData.ts"
import { places, quotas } from "./faults/tenancy.ts"
import { wire } from "./faults/wire.ts"
import { time } from "./faults/time.ts"
import { concurrency, durability, restarts } from "./faults/wear.ts"

const faults: Readonly<Record<FaultClass, ReadonlyArray<Fault>>> = {
  decisions,
  time,
  versions,
  aliases: [...aliases, ...nearNames],
  contexts,
  import: [...imports, ...laterMaterial],
  asymmetric,
  authorization: [...authorization, ...access],
  durability,
  concurrency,
  plaintext,
  references,
  metadata,
  tags,
  lists,
  restarts,
  wire,
  quotas,
  places
}

export interface Seeded {
  readonly fault: Fault
  readonly of: FaultClass
}

export const allFaults: ReadonlyArray<Seeded> = Object.entries(faults).flatMap(([of, list]) =>
  list.map((fault) => ({ fault, of: of as FaultClass }))
)
