/** Symmetric versions of the software provider: their material, and sealing and opening of messages. */
import { Effect } from "effect"
import { runNow } from "../../platform/runNow.ts"
import { capabilities } from "../../domain/keySpec.ts"
import { aes256GcmDerived, sm4GcmDerived } from "../blob.ts"
import type { BlobAlgorithm } from "../blob.ts"
import { openMessage, prepareVersionKey, sealMessage } from "../message.ts"
import { orElse, rejected, unavailable, unsupportedSpec, wiping } from "../outcomes.ts"
import type { CryptoProvider, MaterialRow } from "../provider.ts"
import type { StoredMaterial } from "../../records/rows.ts"
import { materialIdentity } from "../seal.ts"
import type { RootKey } from "../seal.ts"
import type { MaterialOf, Software, SymmetricSpec } from "./software.ts"

/** The blob algorithm of each spec. */
const algorithms: Readonly<Record<SymmetricSpec, BlobAlgorithm>> = {
  Aliyun_AES_256: aes256GcmDerived,
  Aliyun_SM4: sm4GcmDerived
}

export const keyAtRest = (
  rootKey: RootKey,
  row: MaterialRow,
  spec: SymmetricSpec,
  material: Uint8Array
): StoredMaterial => ({
  sealed: rootKey.seal({ identity: materialIdentity(row, spec), plaintext: material }),
  publicKey: undefined
})

export const materialOfKeys = (software: Software): MaterialOf<SymmetricSpec> => {
  const { primitives, rootKey, random, handles } = software
  /** The caller wipes it. Only pairs have a public key; a symmetric row with one was tampered with. */
  const unsealed = (row: MaterialRow, spec: SymmetricSpec, { sealed, publicKey }: StoredMaterial) =>
    publicKey === undefined ? rootKey.open({ identity: materialIdentity(row, spec), sealed }) : undefined
  return {
    generate: ({ row, spec }) =>
      Effect.sync(() => {
        const material = random.secret(capabilities[spec].materialBytes)
        return wiping(material, () => keyAtRest(rootKey, row, spec, material))
      }),
    adopt: ({ row, spec, material }) =>
      Effect.suspend(() =>
        material.length === capabilities[spec].materialBytes
          ? Effect.succeed(keyAtRest(rootKey, row, spec, material))
          : rejected
      ),
    open: ({ row, spec, stored }) =>
      Effect.suspend(() => {
        const material = unsealed(row, spec, stored)
        if (material === undefined) return rejected
        const algorithm = algorithms[spec]
        return wiping(material, () =>
          material.length === capabilities[spec].materialBytes
            ? Effect.succeed(handles.ofKey(row, spec, prepareVersionKey({ primitives, algorithm, row, material })))
            : rejected
        )
      }),
    exportUnsafe: ({ row, spec, stored }) => Effect.suspend(() => orElse(unsealed(row, spec, stored), rejected))
  }
}

export const keyVerbs = ({ primitives, random, handles }: Software): Pick<CryptoProvider, "seal" | "unseal"> => ({
  seal: ({ handle, plaintext, context }) =>
    runNow(() => {
      const key = handles.keyOf(handle)
      if (key === undefined) return unsupportedSpec
      return orElse(sealMessage({ primitives, key, nonce: random.nonce(), plaintext, context }), unavailable)
    }),
  unseal: ({ handle, blob, context }) =>
    runNow(() => {
      const key = handles.keyOf(handle)
      return key === undefined ? unsupportedSpec : orElse(openMessage({ primitives, key, blob, context }), rejected)
    })
})
