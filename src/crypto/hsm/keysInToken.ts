/** Symmetric versions in a token: made there, told apart by a check value, and messages under them. */
import { Effect } from "effect"
import {
  aes256GcmToken,
  encodeAddress,
  isAddressed,
  isTokenBlob,
  nonceAt,
  tagBytes,
  tokenHeaderBytes
} from "../blob.ts"
import { rejected, unavailable, unsupportedSpec } from "../outcomes.ts"
import type { CryptoFailed, CryptoProvider, MaterialRow, StoredMaterial } from "../provider.ts"
import { decodeReference, encodeReference, instanceOf, referenceIdentity, versionName } from "./references.ts"
import { openedBy, outwardly } from "./tokenSide.ts"
import type { Opened, TokenSide } from "./tokenSide.ts"

export const tokenKeySpec = "Aliyun_AES_256"

const ivBytes = tokenHeaderBytes - nonceAt

export const keyReference = (
  { rootKey }: TokenSide,
  row: MaterialRow,
  reference: { readonly instance: string; readonly check: Uint8Array }
): StoredMaterial => ({
  sealed: rootKey.seal({
    identity: referenceIdentity(row, tokenKeySpec, undefined),
    plaintext: encodeReference(reference)
  }),
  publicKey: undefined
})

export const generateKey = (side: TokenSide, row: MaterialRow): Effect.Effect<StoredMaterial, CryptoFailed> =>
  Effect.suspend(() => {
    const instance = instanceOf(side.random.nonce())
    return Effect.map(outwardly(side.call("makeSecret", { name: versionName(side.tag, row, instance) })), (check) =>
      keyReference(side, row, { instance, check })
    )
  })

/** The object named by the reference must be the key that was made, by its check value. */
export const openKey = (
  side: TokenSide,
  row: MaterialRow,
  { sealed, publicKey }: StoredMaterial
): Effect.Effect<Opened, CryptoFailed> =>
  Effect.gen(function* () {
    if (publicKey !== undefined) return yield* rejected
    const identity = referenceIdentity(row, tokenKeySpec, undefined)
    const plaintext = side.rootKey.open({ identity, sealed })
    const reference = plaintext && decodeReference(plaintext)
    if (reference === undefined) return yield* rejected
    const name = versionName(side.tag, row, reference.instance)
    const check = yield* outwardly(side.call("checkSecret", { name }))
    if (side.primitives.equal(check, reference.check)) return { name, publicHalf: undefined }
    yield* Effect.logError(`the token holds another key under the label ${name.label}`)
    return yield* unavailable
  })

const associatedData = (header: Uint8Array, context: Uint8Array): Uint8Array => {
  const bytes = new Uint8Array(tokenHeaderBytes + context.length)
  bytes.set(header)
  bytes.set(context, tokenHeaderBytes)
  return bytes
}

/** The first 96 of 128 random bits are the IV; the generator is watched, so that it does not repeat itself. */
const headerOf = (side: TokenSide, row: MaterialRow): Uint8Array => {
  const header = new Uint8Array(tokenHeaderBytes)
  header.set(encodeAddress(aes256GcmToken, row))
  header.set(side.random.nonce().subarray(0, ivBytes), nonceAt)
  return header
}

export const messageVerbs = (side: TokenSide): Pick<CryptoProvider, "seal" | "unseal"> => ({
  seal: ({ handle, plaintext, context }) =>
    Effect.gen(function* () {
      const { name, publicHalf } = openedBy(side, handle)
      if (publicHalf !== undefined) return yield* unsupportedSpec
      yield* side.invocations.take(handle.row)
      const header = headerOf(side, handle.row)
      const iv = header.subarray(nonceAt)
      const aad = associatedData(header, context)
      const sealed = yield* outwardly(side.call("seal", { name, iv, aad, plaintext }))
      if (sealed.length !== plaintext.length + tagBytes) return yield* unavailable
      const blob = new Uint8Array(header.length + sealed.length)
      blob.set(header)
      blob.set(sealed, header.length)
      return blob
    }),
  unseal: ({ handle, blob, context }) =>
    Effect.gen(function* () {
      const { name, publicHalf } = openedBy(side, handle)
      if (publicHalf !== undefined) return yield* unsupportedSpec
      const address = encodeAddress(aes256GcmToken, handle.row)
      if (!isTokenBlob(blob) || !isAddressed({ bytes: blob }, address)) return yield* rejected
      const header = blob.subarray(0, tokenHeaderBytes)
      const iv = header.subarray(nonceAt)
      const aad = associatedData(header, context)
      return yield* outwardly(side.call("unseal", { name, iv, aad, sealed: blob.subarray(tokenHeaderBytes) }))
    })
})
