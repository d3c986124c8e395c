/** Import into a token: the wrapping pair is made in the token, and its material is unwrapped only there. */
import { Effect } from "effect"
import type { WrappingAlgorithm } from "../../../domain/algorithms.ts"
import { takesWrapping, wrapFor } from "../../asymmetric/wrapping.ts"
import { orElse, rejected, unsupportedSpec } from "../../outcomes.ts"
import type { CryptoProvider, WrapRequest } from "../../provider.ts"
import { isSecretSpec, keyReference } from "./secretKeys.ts"
import type { Abilities, TokenSecretSpec, TokenWrapping } from "../protocol.ts"
import { instanceOf, versionName, wrappingName, wrappingReferenceIdentity } from "./references.ts"
import { toCryptoFailed } from "./providerContext.ts"
import type { ProviderContext } from "./providerContext.ts"

type ImportVerbs = Pick<CryptoProvider, "makeWrappingPair" | "importMaterial" | "wrap" | "lacks" | "forgetWrappingPair">

const mechanisms: Readonly<Record<TokenWrapping, string>> = {
  RSAES_PKCS1_V1_5: "CKM_RSA_PKCS",
  RSAES_OAEP_SHA_1: "CKM_RSA_PKCS_OAEP with SHA-1",
  RSAES_OAEP_SHA_256: "CKM_RSA_PKCS_OAEP with SHA-256"
}

const isOfRsa = (algorithm: WrappingAlgorithm): algorithm is TokenWrapping => algorithm in mechanisms

const isAble = (
  { wrappings }: Abilities,
  spec: TokenSecretSpec,
  algorithm: WrappingAlgorithm
): algorithm is TokenWrapping => isOfRsa(algorithm) && wrappings[spec].includes(algorithm)

/** A placeholder: the session's id is enough to find the private half. */
const nothing = Uint8Array.of(0x01)

const wrap = ({ primitives, random }: ProviderContext, request: WrapRequest) =>
  Effect.suspend(() =>
    takesWrapping(request.keySpec, request.algorithm)
      ? orElse(wrapFor(primitives, random, request), rejected)
      : unsupportedSpec
  )

export const importVerbs = (side: ProviderContext): ImportVerbs => ({
  lacks: ({ keySpec, spec, algorithm }) => {
    if (spec !== "RSA_2048" || !isOfRsa(algorithm)) return "an SM2 unwrapping mechanism"
    if (!isSecretSpec(keySpec)) return keySpec
    return isAble(side.abilities, keySpec, algorithm) ? undefined : mechanisms[algorithm]
  },
  makeWrappingPair: ({ id, spec }) =>
    Effect.suspend(() => {
      if (spec !== "RSA_2048") return unsupportedSpec
      const name = wrappingName(side.tag, id)
      return Effect.map(toCryptoFailed(side.call("makePair", { name, spec, unwraps: true })), (publicKey) => ({
        sealed: side.rootKey.seal({ identity: wrappingReferenceIdentity(id), plaintext: nothing }),
        publicKey
      }))
    }),
  forgetWrappingPair: (id) => Effect.asVoid(toCryptoFailed(side.call("destroy", { name: wrappingName(side.tag, id) }))),
  importMaterial: ({ row, spec, wrapping, algorithm, wrapped }) =>
    Effect.gen(function* () {
      if (!isSecretSpec(spec) || wrapping.spec !== "RSA_2048" || !isAble(side.abilities, spec, algorithm)) {
        return yield* unsupportedSpec
      }
      const identity = wrappingReferenceIdentity(wrapping.id)
      if (side.rootKey.open({ identity, sealed: wrapping.sealed }) === undefined) return yield* rejected
      const instance = instanceOf(side.random.nonce())
      const name = versionName(side.tag, row, instance)
      side.unsettled.add(name.label)
      const release = () => {
        side.unsettled.delete(name.label)
      }
      const check = yield* toCryptoFailed(
        side.call("unwrap", { name, spec, wrapping: wrappingName(side.tag, wrapping.id), algorithm, wrapped })
      ).pipe(Effect.tapError(() => Effect.sync(release)))
      return {
        stored: keyReference(side, { row, spec }, { instance, check }),
        fingerprint: side.rootKey.fingerprint({ keyId: row.keyId, material: check }),
        release
      }
    }),
  wrap: (request) => wrap(side, request)
})
