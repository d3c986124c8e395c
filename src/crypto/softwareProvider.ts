/** The provider of software keys, over any primitives: material is sealed at rest and opened into handles. */
import { Effect } from "effect"
import { KeySpec } from "../domain/keySpec.ts"
import type { Randomness } from "../platform/services.ts"
import { makePairs } from "./asymmetric/pairs.ts"
import { watch } from "./healthyRandomness.ts"
import { answersAreKnown } from "./knownAnswers/knownAnswers.ts"
import { unavailable } from "./outcomes.ts"
import type { Primitives } from "./primitives.ts"
import type { ExportingProvider } from "./provider.ts"
import type { RootKey } from "./seal.ts"
import { makeHandles } from "./software/handles.ts"
import { keyVerbs, materialOfKeys } from "./software/keys.ts"
import { materialOfPairs, pairVerbs } from "./software/pairs.ts"
import { isPairSpec } from "./software/software.ts"
import type { Software } from "./software/software.ts"
import { wrappingVerbs } from "./software/wrapping.ts"

/** Options of `makeSoftwareProvider`. */
export interface SoftwareProviderOptions {
  readonly randomness: Randomness["Service"]
  readonly rootKey: RootKey
  /** The name of the provider; by default that of its primitives. */
  readonly name?: string
}

/** A provider that keeps keys in the memory of this process, made of primitives. */
export const makeSoftwareProvider = (
  primitives: Primitives,
  { randomness, rootKey, name = primitives.name }: SoftwareProviderOptions
): ExportingProvider => {
  const random = watch(randomness)
  const software: Software = {
    primitives,
    rootKey,
    random,
    handles: makeHandles(),
    pairs: makePairs(primitives, random)
  }
  const keys = materialOfKeys(software)
  const pairs = materialOfPairs(software)

  return {
    name,
    specs: new Set(KeySpec.literals),
    generate: ({ row, spec }) => (isPairSpec(spec) ? pairs.generate({ row, spec }) : keys.generate({ row, spec })),
    adopt: ({ row, spec, material }) =>
      isPairSpec(spec) ? pairs.adopt({ row, spec, material }) : keys.adopt({ row, spec, material }),
    open: ({ row, spec, stored }) =>
      isPairSpec(spec) ? pairs.open({ row, spec, stored }) : keys.open({ row, spec, stored }),
    exportUnsafe: ({ row, spec, stored }) =>
      isPairSpec(spec) ? pairs.exportUnsafe({ row, spec, stored }) : keys.exportUnsafe({ row, spec, stored }),
    ...keyVerbs(software),
    ...pairVerbs(software),
    ...wrappingVerbs(software),
    // All material of a software key is in its row.
    destroy: () => Effect.void,
    forgetWrappingPair: () => Effect.void,
    lacks: () => undefined,
    selfTest: Effect.suspend(() => (isTrusted(primitives) ? Effect.void : unavailable))
  }
}

const trusted = new WeakSet<Primitives>()

/** A process tests each library once, for all providers that use it. */
const isTrusted = (primitives: Primitives): boolean => {
  if (!trusted.has(primitives) && answersAreKnown(primitives)) trusted.add(primitives)
  return trusted.has(primitives)
}
