/** Seals the material of a seeded key before any row of the key is stored. Unfit material refuses the seed. */
import { Effect } from "effect"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { CryptoProvider } from "../crypto/provider.ts"
import type { StoredMaterial } from "../records/rows.ts"
import { Providers } from "../crypto/providers.ts"
import type { KeySpec } from "../domain/keySpec.ts"
import { unheld } from "../operation/keys/CreateKey.ts"
import type { RequestedKey, RequestedVersion } from "./requestedKey.ts"
import { refusal } from "./fault.ts"
import type { SeedFault } from "./fault.ts"
import { materialFault, materialForm, readMaterial } from "./material.ts"

export interface Adopted {
  readonly provider: CryptoProvider
  /** The versions with given material. */
  readonly versions: ReadonlyArray<{ readonly version: RequestedVersion; readonly stored: StoredMaterial }>
  /** Of the material of an external key. */
  readonly fingerprint: string | undefined
}

const misfit = (version: RequestedVersion, spec: KeySpec): SeedFault => ({
  path: `${version.path}.material`,
  complaint: `must be ${materialForm(spec)}; it ${materialFault(version.material ?? "", spec)}`
})

/** A token makes its own keys, or imports them wrapped. Plaintext material in a file cannot become a key of a token. */
const notTaken = ({ path }: RequestedVersion): SeedFault => ({
  path: `${path}.material`,
  complaint:
    "cannot be put into a token: leave it out, so that the token generates it, or import it with ImportKeyMaterial"
})

/** The provider for a key, or the reason why the key has no provider. */
const holder = Effect.fnUntraced(function* ({ path, identity, realm }: RequestedKey, spec: KeySpec) {
  const providers = yield* Providers
  const level = identity.protection
  const fault = unheld({ KeySpec: spec, ProtectionLevel: level }, realm, providers)
  if (fault !== undefined) return yield* Effect.fail<SeedFault>({ path, complaint: refusal(fault) })
  const provider = providers.find(level, spec)
  return provider ?? (yield* Effect.die(new Error(`no provider was found for ${spec} keys, although none was refused`)))
})

export const adoptMaterial = Effect.fn("seed.adoptMaterial")(function* (requested: RequestedKey, spec: KeySpec) {
  const { rootKey } = yield* HeldRootKey
  const provider = yield* holder(requested, spec)
  const versions: Array<Adopted["versions"][number]> = []
  let fingerprint: string | undefined
  for (const version of requested.versions) {
    if (version.material === undefined) continue
    const material = readMaterial(version.material, spec)
    if (material === undefined) return yield* Effect.fail(misfit(version, spec))
    const row = { keyId: requested.keyId, keyVersionId: version.keyVersionId }
    const stored = yield* provider.adopt({ row, spec, material }).pipe(
      Effect.mapError(({ reason }) => (reason === "UnsupportedSpec" ? notTaken(version) : misfit(version, spec))),
      Effect.tap(() =>
        Effect.sync(() => {
          if (requested.identity.origin === "EXTERNAL")
            fingerprint = rootKey.fingerprint({ keyId: requested.keyId, material })
        })
      ),
      Effect.ensuring(Effect.sync(() => material.fill(0)))
    )
    versions.push({ version, stored })
  }
  return { provider, versions, fingerprint } satisfies Adopted
})
