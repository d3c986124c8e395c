/** Whether an existing key is the key of a seed: the same identity and the same material. */
import { equalBytes } from "@noble/curves/utils.js"
import { Effect } from "effect"
import type { CryptoFailed, CryptoProvider, MaterialRow } from "../crypto/provider.ts"
import type { StoredMaterial } from "../records/rows.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import { Store } from "../store/store.ts"
import type { KeyRow } from "../records/rows.ts"
import { specOf } from "../actor/handles.ts"
import type { RequestedKey } from "./requestedKey.ts"
import type { SeedFault } from "./fault.ts"
import type { Adopted } from "./adopt.ts"

const decided = ["origin", "spec", "usage", "protection", "serviceKey"] as const

/** The differences in properties of a key that cannot change. */
export const identityFaults = (
  requested: RequestedKey,
  { realm, metadata, snapshot }: KeyRow
): ReadonlyArray<SeedFault> => {
  const differs = [
    ...decided.filter((name) => requested.identity[name] !== snapshot.context[name]),
    ...(["account", "region"] as const).filter((name) => requested.realm[name] !== realm[name]),
    ...(requested.metadata.creator === metadata.creator ? [] : ["creator"])
  ]
  return differs.length === 0
    ? []
    : [{ path: requested.path, complaint: `exists already, with a different ${differs.join(", ")}` }]
}

interface Pair {
  readonly provider: CryptoProvider
  readonly row: MaterialRow
  readonly spec: KeySpec
  readonly kept: StoredMaterial
  readonly given: StoredMaterial
}

const nothing = new Uint8Array(0)

/** Material is never compared directly: a ciphertext made with one must open with the other. */
const opensWhatItSealed = ({ provider, row, spec, kept, given }: Pair): Effect.Effect<boolean, CryptoFailed> =>
  Effect.gen(function* () {
    const opened = (stored: StoredMaterial) =>
      Effect.acquireRelease(provider.open({ row, spec, stored }), (handle) => Effect.sync(() => handle.close()))
    const blob = yield* provider.seal({ handle: yield* opened(given), plaintext: nothing, context: nothing })
    const handle = yield* opened(kept)
    return yield* provider.unseal({ handle, blob, context: nothing }).pipe(
      Effect.as(true),
      Effect.catch(() => Effect.succeed(false))
    )
  }).pipe(Effect.scoped)

const isSame = (pair: Pair): Effect.Effect<boolean> => {
  const { publicKey } = pair.given
  if (publicKey !== undefined) {
    return Effect.succeed(pair.kept.publicKey !== undefined && equalBytes(publicKey, pair.kept.publicKey))
  }
  return Effect.catch(opensWhatItSealed(pair), () => Effect.succeed(false))
}

/**
 * Versions of the seed that the key lacks or has with other material. A deleted key has no material to compare. A key
 * whose creation is unfinished may lack later versions.
 */
export const materialFaults = Effect.fnUntraced(function* (
  requested: RequestedKey,
  row: KeyRow,
  adopted: Adopted,
  isUnderWay: boolean
) {
  const store = yield* Store
  const { context, value } = row.snapshot
  const faults: Array<SeedFault> = []
  if (value.lifecycle === "Deleted") return faults
  if (context.origin === "EXTERNAL") {
    const { fingerprint } = adopted
    const isToCome = isUnderWay && context.fingerprint === null
    return fingerprint !== undefined && fingerprint !== context.fingerprint && !isToCome
      ? [{ path: requested.path, complaint: "exists already, with other material or none" }]
      : faults
  }
  for (const { version, stored } of adopted.versions) {
    const { keyVersionId } = version
    const kept = yield* store.version(requested.keyId, keyVersionId)
    if (kept === undefined && isUnderWay) continue
    if (kept === undefined) {
      faults.push({ path: version.path, complaint: "belongs to a key that exists already and has no such version" })
    } else if (kept.stored !== undefined) {
      const ids = { keyId: requested.keyId, keyVersionId }
      const pair = { provider: adopted.provider, row: ids, spec: specOf(context), kept: kept.stored, given: stored }
      if (!(yield* isSame(pair))) {
        faults.push({ path: version.path, complaint: "exists already, with other material" })
      }
    }
  }
  return faults
})
