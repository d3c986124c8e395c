/** Asymmetric versions of the software provider: key pairs, signing and encryption. */
import { Effect } from "effect"
import { digestBytes, plaintextBytesMaxOf } from "../../domain/algorithms.ts"
import type { EncodedPair } from "../asymmetric/pairKind.ts"
import { isConsistent } from "../asymmetric/pairs.ts"
import type { PairSpec } from "../asymmetric/pairKind.ts"
import { orElse, rejected, unavailable, unsupportedSpec, wiping, wipingAfter } from "../outcomes.ts"
import type { CryptoProvider, MaterialRow } from "../provider.ts"
import type { StoredMaterial } from "../../records/rows.ts"
import { pairIdentity } from "../seal.ts"
import type { RootKey } from "../seal.ts"
import type { MaterialOf, Software } from "./software.ts"

const pairAtRest = (
  rootKey: RootKey,
  row: MaterialRow,
  spec: PairSpec,
  { pkcs8, publicKey }: EncodedPair
): StoredMaterial => ({
  sealed: rootKey.seal({ identity: pairIdentity(row, spec, publicKey), plaintext: pkcs8 }),
  publicKey
})

export const materialOfPairs = ({ rootKey, handles, pairs }: Software): MaterialOf<PairSpec> => ({
  generate: ({ row, spec }) =>
    Effect.flatMap(
      Effect.promise(() => pairs[spec].generate()),
      (pair) =>
        wipingAfter(
          pair.pkcs8,
          Effect.flatMap(isConsistent(pairs[spec], pair), (isSound) =>
            isSound ? Effect.succeed(pairAtRest(rootKey, row, spec, pair)) : unavailable
          )
        )
    ),
  adopt: ({ row, spec, material }) =>
    Effect.suspend(() => {
      const pair = pairs[spec].adopt(material)
      if (pair === undefined) return rejected
      return wipingAfter(
        pair.pkcs8,
        Effect.flatMap(isConsistent(pairs[spec], pair), (isSound) =>
          isSound ? Effect.succeed(pairAtRest(rootKey, row, spec, pair)) : rejected
        )
      )
    }),
  open: ({ row, spec, stored: { sealed, publicKey } }) =>
    Effect.suspend(() => {
      if (publicKey === undefined) return rejected
      const pkcs8 = rootKey.open({ identity: pairIdentity(row, spec, publicKey), sealed })
      if (pkcs8 === undefined) return rejected
      return wiping(pkcs8, () => Effect.succeed(handles.ofPair(row, spec, pairs[spec].open({ pkcs8, publicKey }))))
    }),
  exportUnsafe: ({ row, spec, stored: { sealed, publicKey } }) =>
    Effect.suspend(() =>
      publicKey === undefined
        ? rejected
        : orElse(rootKey.open({ identity: pairIdentity(row, spec, publicKey), sealed }), rejected)
    )
})

type PairVerbs = Pick<CryptoProvider, "encrypt" | "decrypt" | "sign" | "verify">

export const pairVerbs = ({ handles }: Software): PairVerbs => ({
  encrypt: ({ handle, algorithm, plaintext }) =>
    Effect.suspend(() => {
      const cipher = handles.pairOf(handle)?.ciphers.get(algorithm)
      const plaintextBytesMax = plaintextBytesMaxOf(handle.spec, algorithm)
      if (cipher === undefined || plaintextBytesMax === undefined) return unsupportedSpec
      return plaintext.length > plaintextBytesMax ? rejected : orElse(cipher.encrypt(plaintext), rejected)
    }),
  decrypt: ({ handle, algorithm, ciphertext }) =>
    Effect.suspend(() => {
      const cipher = handles.pairOf(handle)?.ciphers.get(algorithm)
      return cipher === undefined
        ? unsupportedSpec
        : Effect.flatMap(cipher.decrypt(ciphertext), (plaintext) => orElse(plaintext, rejected))
    }),
  sign: ({ handle, algorithm, digest }) =>
    Effect.suspend(() => {
      const signer = handles.pairOf(handle)?.signers.get(algorithm)
      if (signer === undefined) return unsupportedSpec
      return digest.length === digestBytes
        ? Effect.flatMap(signer.sign(digest), (signature) => orElse(signature, unavailable))
        : rejected
    }),
  verify: ({ handle, algorithm, digest, signature }) =>
    Effect.suspend(() => {
      const signer = handles.pairOf(handle)?.signers.get(algorithm)
      if (signer === undefined) return unsupportedSpec
      return digest.length === digestBytes ? Effect.succeed(signer.verify(digest, signature)) : rejected
    })
})
