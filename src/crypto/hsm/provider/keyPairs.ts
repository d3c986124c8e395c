/** Asymmetric versions in a token: the private half stays there, and public operations run in this process. */
import { equalBytes } from "@noble/curves/utils.js"
import { Effect } from "effect"
import { digestBytes, plaintextBytesMaxOf } from "../../../domain/algorithms.ts"
import { orElse, rejected, unavailable, unsupportedSpec } from "../../outcomes.ts"
import type { CryptoFailed, CryptoProvider, MaterialRow } from "../../provider.ts"
import type { StoredMaterial } from "../../../records/rows.ts"
import type { ObjectName, TokenPairSpec } from "../protocol.ts"
import { publicHalfOf } from "./publicHalf.ts"
import type { PublicHalf } from "./publicHalf.ts"
import { decodeReference, encodeReference, instanceOf, referenceIdentity, versionName } from "./references.ts"
import { openedBy, toCryptoFailed } from "./providerContext.ts"
import type { Opened, ProviderContext } from "./providerContext.ts"

const noCheck = new Uint8Array(0)
const probe = new Uint8Array(digestBytes).fill(0xa5)
const otherProbe = new Uint8Array(digestBytes).fill(0x5a)

/** The pairwise consistency test: the token signs, and the public half verifies here (FIPS 140-3 IG 10.3.A). */
const isConsistent = (side: ProviderContext, name: ObjectName, { signers }: PublicHalf) =>
  Effect.gen(function* () {
    const [signer] = signers.values()
    if (signer === undefined) return false
    const answered = yield* side.call("sign", { name, algorithm: signer.algorithm, digest: probe })
    const signature = signer.finish(probe, answered)
    return signature !== undefined && signer.verify(probe, signature) && !signer.verify(otherProbe, signature)
  })

export const generatePair = (
  side: ProviderContext,
  row: MaterialRow,
  spec: TokenPairSpec
): Effect.Effect<StoredMaterial, CryptoFailed> =>
  Effect.gen(function* () {
    const instance = instanceOf(side.random.nonce())
    const name = versionName(side.tag, row, instance)
    const publicKey = yield* toCryptoFailed(side.call("makePair", { name, spec, unwraps: false }))
    if (!(yield* toCryptoFailed(isConsistent(side, name, publicHalfOf(side, spec, publicKey))))) {
      yield* toCryptoFailed(side.call("destroy", { name }))
      return yield* unavailable
    }
    const sealed = side.rootKey.seal({
      identity: referenceIdentity(row, spec, publicKey),
      plaintext: encodeReference({ instance, check: noCheck })
    })
    return { sealed, publicKey }
  })

export const openPair = (
  side: ProviderContext,
  { row, spec, stored }: { readonly row: MaterialRow; readonly spec: TokenPairSpec; readonly stored: StoredMaterial }
): Effect.Effect<Opened, CryptoFailed> =>
  Effect.gen(function* () {
    const { sealed, publicKey } = stored
    if (publicKey === undefined) return yield* rejected
    const plaintext = side.rootKey.open({ identity: referenceIdentity(row, spec, publicKey), sealed })
    const reference = plaintext && decodeReference(plaintext)
    if (reference === undefined) return yield* rejected
    const name = versionName(side.tag, row, reference.instance)
    const inToken = yield* toCryptoFailed(side.call("publicKey", { name, spec }))
    if (equalBytes(inToken, publicKey)) {
      return { name, publicHalf: publicHalfOf(side, spec, publicKey), address: undefined }
    }
    yield* Effect.logError(`the token holds another pair under the label ${name.label}`)
    return yield* unavailable
  })

type PairVerbs = Pick<CryptoProvider, "encrypt" | "decrypt" | "sign" | "verify">

export const pairVerbs = (side: ProviderContext): PairVerbs => ({
  encrypt: ({ handle, algorithm, plaintext }) =>
    Effect.suspend(() => {
      const cipher = openedBy(side, handle).publicHalf?.ciphers.get(algorithm)
      const plaintextBytesMax = plaintextBytesMaxOf(handle.spec, algorithm)
      if (cipher === undefined || plaintextBytesMax === undefined) return unsupportedSpec
      return plaintext.length > plaintextBytesMax ? rejected : orElse(cipher.encrypt(plaintext), rejected)
    }),
  decrypt: ({ handle, algorithm, ciphertext }) =>
    Effect.suspend(() => {
      const { name, publicHalf } = openedBy(side, handle)
      const cipher = publicHalf?.ciphers.get(algorithm)
      if (cipher === undefined) return unsupportedSpec
      const how = cipher.decryption(side.abilities)
      if (how === undefined) return unsupportedSpec
      return ciphertext.length > cipher.ciphertextBytesMax
        ? rejected
        : toCryptoFailed(side.call("decrypt", { name, how, ciphertext }))
    }),
  sign: ({ handle, algorithm, digest }) =>
    Effect.suspend(() => {
      const { name, publicHalf } = openedBy(side, handle)
      const signer = publicHalf?.signers.get(algorithm)
      if (signer === undefined) return unsupportedSpec
      if (digest.length !== digestBytes) return rejected
      return Effect.flatMap(
        toCryptoFailed(side.call("sign", { name, algorithm: signer.algorithm, digest })),
        (answered) => orElse(signer.finish(digest, answered), unavailable)
      )
    }),
  verify: ({ handle, algorithm, digest, signature }) =>
    Effect.suspend(() => {
      const signer = openedBy(side, handle).publicHalf?.signers.get(algorithm)
      if (signer === undefined) return unsupportedSpec
      return digest.length === digestBytes ? Effect.succeed(signer.verify(digest, signature)) : rejected
    })
})
