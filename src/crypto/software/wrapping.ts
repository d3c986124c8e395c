/** Import and export of the software provider: wrapping pairs, material unwrapped, data keys wrapped. */
import { Effect } from "effect"
import { capabilities } from "../../domain/keySpec.ts"
import { isConsistent } from "../asymmetric/pairs.ts"
import { takesWrapping, unwrapMaterial, wrapFor } from "../asymmetric/wrapping.ts"
import { orElse, rejected, unavailable, unsupportedSpec, wiping, wipingAfter } from "../outcomes.ts"
import type { CryptoProvider } from "../provider.ts"
import { wrappingIdentity } from "../seal.ts"
import { keyAtRest } from "./keys.ts"
import { isPairSpec } from "./software.ts"
import type { Software } from "./software.ts"

type WrappingVerbs = Pick<CryptoProvider, "makeWrappingPair" | "importMaterial" | "wrap">

export const wrappingVerbs = ({ primitives, rootKey, random, pairs }: Software): WrappingVerbs => ({
  makeWrappingPair: ({ id, spec }) =>
    Effect.flatMap(
      Effect.promise(() => pairs[spec].generate()),
      (pair) =>
        wipingAfter(
          pair.pkcs8,
          Effect.flatMap(isConsistent(pairs[spec], pair), (isSound) => {
            if (!isSound) return unavailable
            const sealed = rootKey.seal({ identity: wrappingIdentity({ id, spec }), plaintext: pair.pkcs8 })
            return Effect.succeed({ sealed, publicKey: pair.publicKey })
          })
        )
    ),
  importMaterial: ({ row, spec, wrapping, algorithm, wrapped }) =>
    Effect.suspend(() => {
      if (isPairSpec(spec) || !takesWrapping(wrapping.spec, algorithm)) return unsupportedSpec
      const pkcs8 = rootKey.open({ identity: wrappingIdentity(wrapping), sealed: wrapping.sealed })
      if (pkcs8 === undefined) return rejected
      const { materialBytes } = capabilities[spec]
      const material = wiping(pkcs8, () =>
        unwrapMaterial(primitives, random, { pkcs8, spec: wrapping.spec, algorithm, wrapped, materialBytes })
      )
      if (material === undefined) return rejected
      return wiping(material, () =>
        Effect.succeed({
          stored: keyAtRest(rootKey, row, spec, material),
          fingerprint: rootKey.fingerprint({ keyId: row.keyId, material }),
          release: () => undefined
        })
      )
    }),
  wrap: (request) =>
    Effect.suspend(() =>
      takesWrapping(request.keySpec, request.algorithm)
        ? orElse(wrapFor(primitives, random, request), rejected)
        : unsupportedSpec
    )
})
