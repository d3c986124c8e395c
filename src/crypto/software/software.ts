/** Shared by the parts of the software provider. */
import { capabilities } from "../../domain/keySpec.ts"
import type { KeySpec } from "../../domain/keySpec.ts"
import type { PairSpec } from "../asymmetric/pairKind.ts"
import type { Pairs } from "../asymmetric/pairs.ts"
import type { HealthyRandomness } from "../healthyRandomness.ts"
import type { Primitives } from "../primitives.ts"
import type { ExportingProvider } from "../provider.ts"
import type { RootKey } from "../seal.ts"
import type { SoftwareHandles } from "./handles.ts"

export interface Software {
  readonly primitives: Primitives
  readonly rootKey: RootKey
  readonly random: HealthyRandomness
  readonly handles: SoftwareHandles
  readonly pairs: Pairs
}

export type SymmetricSpec = Exclude<KeySpec, PairSpec>

export const isPairSpec = (spec: KeySpec): spec is PairSpec => capabilities[spec].kind === "asymmetric"

type MaterialVerb = "generate" | "adopt" | "open" | "exportUnsafe"

/** How the material of some specs is made, stored and opened. */
export type MaterialOf<Spec extends KeySpec> = {
  readonly [Verb in MaterialVerb]: (
    request: Parameters<ExportingProvider[Verb]>[0] & { readonly spec: Spec }
  ) => ReturnType<ExportingProvider[Verb]>
}
