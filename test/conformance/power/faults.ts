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
import * as subtle from "./faults/subtle.ts"
import { time } from "./faults/time.ts"
import { concurrency, durability, restarts } from "./faults/wear.ts"

const faults: Readonly<Record<FaultClass, ReadonlyArray<Fault>>> = {
  decisions,
  time: [...time, ...subtle.subtleTime],
  versions: [...versions, ...subtle.subtleVersions],
  aliases: [...aliases, ...nearNames, ...subtle.subtleAliases],
  contexts: [...contexts, ...subtle.subtleContexts],
  import: [...imports, ...laterMaterial, ...subtle.subtleMaterial],
  asymmetric: [...asymmetric, ...subtle.subtlePairs],
  authorization: [...authorization, ...access, ...subtle.subtleAccess],
  durability,
  concurrency,
  plaintext,
  references: [...references, ...subtle.subtleReferences],
  metadata: [...metadata, ...subtle.subtleMetadata],
  tags: [...tags, ...subtle.subtleTags],
  lists: [...lists, ...subtle.subtleLists],
  restarts: [...restarts, ...subtle.subtleRestarts],
  wire: [...wire, ...subtle.subtleWire],
  quotas: [...quotas, ...subtle.subtleQuotas],
  places: [...places, ...subtle.subtlePlaces]
}

export interface Seeded {
  readonly fault: Fault
  readonly of: FaultClass
}

export const allFaults: ReadonlyArray<Seeded> = Object.entries(faults).flatMap(([of, list]) =>
  list.map((fault) => ({ fault, of: of as FaultClass }))
)
