/** The provider of keys in a PKCS#11 token: all operations run there, except public ones. */
import { Effect } from "effect"
import { KeySpec } from "../../../domain/keySpec.ts"
import type { Randomness } from "../../../platform/services.ts"
import { watch } from "../../healthyRandomness.ts"
import { orElse, rejected, unsupportedSpec } from "../../outcomes.ts"
import type { Primitives } from "../../primitives.ts"
import { NamedHandle } from "../../namedHandle.ts"
import type { CryptoFailed, CryptoProvider, KeyHandle, MaterialRow } from "../../provider.ts"
import type { StoredMaterial } from "../../../records/rows.ts"
import type { RootKey } from "../../seal.ts"
import { importVerbs } from "./imports.ts"
import { makeInvocations } from "./invocations.ts"
import type { Reserve } from "./invocations.ts"
import { generateKey, isSecretSpec, messageVerbs, openKey } from "./secretKeys.ts"
import { generatePair, openPair, pairVerbs } from "./keyPairs.ts"
import type { Call } from "../pool/pool.ts"
import type { Abilities, TokenPairSpec } from "../protocol.ts"
import { decodeReference, referenceIdentity, versionName, versionPlace } from "./references.ts"
import { toCryptoFailed } from "./providerContext.ts"
import type { Opened, ProviderContext } from "./providerContext.ts"

export interface TokenProviderOptions {
  readonly call: Call
  readonly abilities: Abilities
  readonly tag: string
  readonly rootKey: RootKey
  readonly randomness: Randomness["Service"]
  readonly primitives: Primitives
  readonly reserve: Reserve
  readonly invocationsMax: number
}

/** RSA specs are offered only if the token can perform all operations of their usages. */
const specsOf = ({ secrets, pairs, oaep }: Abilities): ReadonlySet<KeySpec> => {
  const opensRsa = oaep.sha1 !== "none" && oaep.sha256 !== "none"
  const held = pairs.filter((spec) => opensRsa || (spec !== "RSA_2048" && spec !== "RSA_3072"))
  return new Set<KeySpec>([...secrets, ...held])
}

const handleOf = (side: ProviderContext, row: MaterialRow, spec: KeySpec, opened: Opened): KeyHandle => {
  const handle = new NamedHandle(spec, row, () => {
    side.opened.delete(handle)
  })
  side.opened.set(handle, opened)
  return handle
}

/**
 * Destroys all objects except the one that the row names and those on the way into the row. The row is read after the
 * token.
 */
const destroyAllBut = (
  side: ProviderContext,
  { row, keep }: Parameters<CryptoProvider["destroy"]>[0]
): Effect.Effect<void, CryptoFailed> =>
  Effect.gen(function* () {
    const objects = yield* toCryptoFailed(side.call("list", versionPlace(side.tag, row)))
    const unsettled = new Set(side.unsettled)
    const kept = yield* keep
    const spared = kept === undefined ? undefined : labelOf(side, row, kept)
    // A row that cannot be read does not show which objects may be destroyed.
    if (kept !== undefined && spared === undefined) return yield* rejected
    const labels = new Set(objects.map(({ label }) => label))
    for (const label of labels) {
      if (label === spared || unsettled.has(label)) continue
      yield* toCryptoFailed(side.call("destroy", { name: { ...versionPlace(side.tag, row), label } }))
    }
  })

/**
 * The object that a row's material names. The reference opens under only one spec. Specs that the token no longer
 * supports are tried too, because their configured mechanisms may have been removed.
 */
export const labelOf = (
  { rootKey, tag }: Pick<ProviderContext, "rootKey" | "tag">,
  row: MaterialRow,
  { sealed, publicKey }: StoredMaterial
): string | undefined => {
  for (const spec of KeySpec.literals) {
    const plaintext = rootKey.open({ identity: referenceIdentity(row, spec, publicKey), sealed })
    const reference = plaintext && decodeReference(plaintext)
    if (reference !== undefined) return versionName(tag, row, reference.instance).label
  }
  return undefined
}

export const makeTokenProvider = (options: TokenProviderOptions): CryptoProvider => {
  const { reserve, invocationsMax, randomness, ...given } = options
  const side: ProviderContext = {
    ...given,
    random: watch(randomness),
    invocations: makeInvocations(reserve, invocationsMax),
    opened: new WeakMap(),
    unsettled: new Set()
  }
  const specs = specsOf(options.abilities)
  const pairOf = (spec: KeySpec): TokenPairSpec | undefined => options.abilities.pairs.find((held) => held === spec)

  const openAs = (spec: KeySpec, row: MaterialRow, stored: StoredMaterial): Effect.Effect<Opened, CryptoFailed> => {
    if (isSecretSpec(spec)) return openKey(side, { row, spec }, stored)
    return Effect.flatMap(orElse(pairOf(spec), unsupportedSpec), (pair) => openPair(side, { row, spec: pair, stored }))
  }

  return {
    name: `token (${options.abilities.model})`,
    specs,
    generate: ({ row, spec }) =>
      isSecretSpec(spec) && specs.has(spec)
        ? generateKey(side, { row, spec })
        : Effect.flatMap(orElse(pairOf(spec), unsupportedSpec), (pair) => generatePair(side, row, pair)),
    // Material that is known outside the token does not belong in it.
    adopt: () => unsupportedSpec,
    open: ({ row, spec, stored }) =>
      specs.has(spec) ? Effect.map(openAs(spec, row, stored), (opened) => handleOf(side, row, spec, opened)) : rejected,
    ...messageVerbs(side),
    ...pairVerbs(side),
    ...importVerbs(side),
    destroy: (request) => destroyAllBut(side, request),
    // The abilities of the token were tried with temporary keys when it was connected.
    selfTest: Effect.void
  }
}
