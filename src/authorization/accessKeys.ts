/** The access keys requests are signed with: looked up by id, secrets sealed at rest. */
import { Context, Effect, Layer, Redacted, Schema } from "effect"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import { decodeBase64, encodeBase64 } from "../domain/base64.ts"
import type { AccountId } from "../domain/ids.ts"
import { Randomness } from "../domain/outside.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import type { Caller } from "./caller.ts"

export interface AccessKey {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
  readonly active: boolean
  readonly caller: Caller
}

/** A pair given by whoever starts the service, instead of one of its own making. */
export interface GivenAccessKey {
  readonly accessKeyId: string
  readonly secret: Redacted.Redacted<string>
}

export class AccessKeys extends Context.Service<
  AccessKeys,
  {
    readonly find: (accessKeyId: string) => AccessKey | undefined
    readonly root: AccessKey
    /** Whether the root pair was made at this start, so that its secret has to be shown once. */
    readonly rootIsNew: boolean
  }
>()("keystate/authorization/AccessKeys") {
  static readonly layer = (
    account: AccountId,
    given: GivenAccessKey | undefined
  ): Layer.Layer<AccessKeys, StoreUnusable, Store | Randomness | HeldRootKey> =>
    Layer.effect(
      AccessKeys,
      Effect.gen(function* () {
        const { pair, isNew } = given === undefined ? yield* ownPair(account) : { pair: given, isNew: false }
        const root: AccessKey = { ...pair, active: true, caller: { kind: "root", account } }
        return {
          find: (accessKeyId) => (accessKeyId === root.accessKeyId ? root : undefined),
          root,
          rootIsNew: isNew
        }
      })
    )
}

const StoredPair = Schema.fromJsonString(Schema.Struct({ accessKeyId: Schema.String, sealedSecret: Schema.String }))
const decodePair = Schema.decodeUnknownEffect(StoredPair)
const encodePair = Schema.encodeUnknownEffect(StoredPair)

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"

/** Letters drawn evenly: bytes beyond the largest multiple of the alphabet are thrown away. */
const randomText = (randomness: Randomness["Service"], length: number): string => {
  const limit = 256 - (256 % letters.length)
  let drawn = ""
  while (drawn.length < length) {
    for (const byte of randomness.bytes(length)) {
      if (byte < limit && drawn.length < length) drawn += letters.charAt(byte % letters.length)
    }
  }
  return drawn
}

const utf8 = new TextEncoder()
const label = "access-key"

/** The root pair of an account: made at the first start, the same at every later one. */
const ownPair = Effect.fn("AccessKeys.ownPair")(function* (account: AccountId) {
  const store = yield* Store
  const { rootKey } = yield* HeldRootKey
  const name = `accessKey.root.${account}`
  const known = yield* store.meta(name)
  if (known !== undefined) {
    const { accessKeyId, sealedSecret } = yield* Effect.orDie(decodePair(known))
    const sealed = decodeBase64(sealedSecret)
    const bytes = sealed === undefined ? undefined : rootKey.openSecret({ label, id: accessKeyId, sealed })
    if (bytes === undefined) {
      return yield* new StoreUnusable({ message: "The root access key does not open under this root key." })
    }
    return { pair: { accessKeyId, secret: Redacted.make(new TextDecoder().decode(bytes)) }, isNew: false }
  }
  const randomness = yield* Randomness
  const accessKeyId = `LTAI${randomText(randomness, 20)}`
  const secret = randomText(randomness, 30)
  const sealed = rootKey.sealSecret({ label, id: accessKeyId, plaintext: utf8.encode(secret) })
  yield* store.setMeta(name, yield* Effect.orDie(encodePair({ accessKeyId, sealedSecret: encodeBase64(sealed) })))
  return { pair: { accessKeyId, secret: Redacted.make(secret, { label: "AccessKeySecret" }) }, isNew: true }
})
