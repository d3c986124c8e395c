/** Symmetric versions in a token: generated there, identified by a check value, and used to seal messages. */
import { Effect } from "effect"
import {
  aes256GcmToken,
  encodeAddress,
  isAddressed,
  isTokenBlob,
  nonceAt,
  sm4GcmToken,
  tagBytes,
  tokenHeaderBytes
} from "../../blob.ts"
import type { TokenBlobAlgorithm } from "../../blob.ts"
import { runNow } from "../../../platform/runNow.ts"
import { rejected, unavailable, unsupportedSpec } from "../../outcomes.ts"
import type { KeySpec } from "../../../domain/keySpec.ts"
import type { CryptoFailed, CryptoProvider, MaterialRow } from "../../provider.ts"
import type { StoredMaterial } from "../../../records/rows.ts"
import type { TokenSecretSpec } from "../protocol.ts"
import { decodeReference, encodeReference, instanceOf, referenceIdentity, versionName } from "./references.ts"
import { openedBy, toCryptoFailed } from "./providerContext.ts"
import type { Opened, ProviderContext } from "./providerContext.ts"

/** The blob algorithm of each spec. */
const algorithms: Readonly<Record<TokenSecretSpec, TokenBlobAlgorithm>> = {
  Aliyun_AES_256: aes256GcmToken,
  Aliyun_SM4: sm4GcmToken
}

export const isSecretSpec = (spec: KeySpec): spec is TokenSecretSpec => spec in algorithms

/** A version of a key, and its spec. */
interface Version {
  readonly row: MaterialRow
  readonly spec: TokenSecretSpec
}

const ivBytes = tokenHeaderBytes - nonceAt

export const keyReference = (
  { rootKey }: ProviderContext,
  { row, spec }: Version,
  reference: { readonly instance: string; readonly check: Uint8Array }
): StoredMaterial => ({
  sealed: rootKey.seal({
    identity: referenceIdentity(row, spec, undefined),
    plaintext: encodeReference(reference)
  }),
  publicKey: undefined
})

export const generateKey = (
  side: ProviderContext,
  { row, spec }: Version
): Effect.Effect<StoredMaterial, CryptoFailed> =>
  Effect.suspend(() => {
    const instance = instanceOf(side.random.nonce())
    const name = versionName(side.tag, row, instance)
    return Effect.map(toCryptoFailed(side.call("makeSecret", { name, spec })), (check) =>
      keyReference(side, { row, spec }, { instance, check })
    )
  })

/** The object that the reference names must be the original key, by its check value. */
export const openKey = (
  side: ProviderContext,
  { row, spec }: Version,
  { sealed, publicKey }: StoredMaterial
): Effect.Effect<Opened, CryptoFailed> =>
  Effect.gen(function* () {
    if (publicKey !== undefined) return yield* rejected
    const identity = referenceIdentity(row, spec, undefined)
    const plaintext = side.rootKey.open({ identity, sealed })
    const reference = plaintext && decodeReference(plaintext)
    if (reference === undefined) return yield* rejected
    const name = versionName(side.tag, row, reference.instance)
    const check = yield* toCryptoFailed(side.call("checkSecret", { name, spec }))
    if (side.primitives.equal(check, reference.check)) {
      return { name, publicHalf: undefined, address: encodeAddress(algorithms[spec], row) }
    }
    yield* Effect.logError(`the token holds another key under the label ${name.label}`)
    return yield* unavailable
  })

/** A header with its content: ciphertext and tag in a blob, the context in authenticated data. */
const joined = (header: Uint8Array, rest: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(tokenHeaderBytes + rest.length)
  bytes.set(header)
  bytes.set(rest, tokenHeaderBytes)
  return bytes
}

/** The first 96 of 128 random bits are the IV; the generator is checked for repetition. */
const headerOf = (side: ProviderContext, address: Uint8Array): Uint8Array => {
  const header = new Uint8Array(tokenHeaderBytes)
  header.set(address)
  header.set(side.random.nonce().subarray(0, ivBytes), nonceAt)
  return header
}

export const messageVerbs = (side: ProviderContext): Pick<CryptoProvider, "seal" | "unseal"> => ({
  // An IV is drawn each time this effect runs.
  seal: ({ handle, plaintext, context }) =>
    Effect.suspend(() => {
      const { name, address } = openedBy(side, handle)
      const { row, spec } = handle
      if (!isSecretSpec(spec) || address === undefined) return unsupportedSpec
      return Effect.flatMapEager(side.invocations.take(row), () => {
        const header = headerOf(side, address)
        const iv = header.subarray(nonceAt)
        const aad = joined(header, context)
        return Effect.flatMap(toCryptoFailed(side.call("seal", { name, spec, iv, aad, plaintext })), (sealed) =>
          sealed.length === plaintext.length + tagBytes ? Effect.succeed(joined(header, sealed)) : unavailable
        )
      })
    }),
  unseal: ({ handle, blob, context }) =>
    runNow(() => {
      const { name, address } = openedBy(side, handle)
      const { spec } = handle
      if (!isSecretSpec(spec) || address === undefined) return unsupportedSpec
      if (!isTokenBlob(blob) || !isAddressed({ bytes: blob }, address)) return rejected
      const header = blob.subarray(0, tokenHeaderBytes)
      const iv = header.subarray(nonceAt)
      const aad = joined(header, context)
      return toCryptoFailed(side.call("unseal", { name, spec, iv, aad, sealed: blob.subarray(tokenHeaderBytes) }))
    })
})
