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
import * as corners from "./faults/corners.ts"
import * as edges from "./faults/edges.ts"
import * as margins from "./faults/margins.ts"
import * as subtle from "./faults/subtle.ts"
import { time } from "./faults/time.ts"
import { concurrency, durability, restarts } from "./faults/wear.ts"

const faults: Readonly<Record<FaultClass, ReadonlyArray<Fault>>> = {
  decisions,
  time: [...time, ...subtle.subtleTime, ...corners.cornersOfTime, ...edges.edgesOfTime],
  versions: [...versions, ...subtle.subtleVersions, ...edges.edgesOfVersions],
  aliases: [...aliases, ...nearNames, ...subtle.subtleAliases, ...corners.cornersOfAliases, ...edges.edgesOfAliases],
  contexts: [
    ...contexts,
    ...subtle.subtleContexts,
    ...corners.cornersOfContexts,
    ...edges.edgesOfContexts,
    ...margins.marginsOfContexts
  ],
  import: [
    ...imports,
    ...laterMaterial,
    ...subtle.subtleMaterial,
    ...corners.cornersOfImport,
    ...edges.edgesOfImport,
    ...margins.marginsOfImport
  ],
  asymmetric: [...asymmetric, ...subtle.subtlePairs, ...corners.cornersOfPairs, ...margins.marginsOfPairs],
  authorization: [...authorization, ...access, ...subtle.subtleAccess, ...corners.cornersOfAccess],
  durability,
  concurrency: [...concurrency, ...corners.cornersOfConcurrency],
  plaintext,
  references: [...references, ...subtle.subtleReferences],
  metadata: [
    ...metadata,
    ...subtle.subtleMetadata,
    ...corners.cornersOfMetadata,
    ...edges.edgesOfMetadata,
    ...margins.marginsOfMetadata
  ],
  tags: [...tags, ...subtle.subtleTags, ...corners.cornersOfTags, ...edges.edgesOfTags, ...margins.marginsOfTags],
  lists: [...lists, ...subtle.subtleLists, ...corners.cornersOfLists, ...edges.edgesOfLists],
  restarts: [...restarts, ...subtle.subtleRestarts, ...corners.cornersOfRestarts],
  wire: [...wire, ...subtle.subtleWire],
  quotas: [...quotas, ...subtle.subtleQuotas, ...corners.cornersOfQuotas],
  places: [...places, ...subtle.subtlePlaces, ...corners.cornersOfPlaces]
}

export interface Seeded {
  readonly fault: Fault
  readonly of: FaultClass
}

export const allFaults: ReadonlyArray<Seeded> = Object.entries(faults).flatMap(([of, list]) =>
  list.map((fault) => ({ fault, of: of as FaultClass }))
)
