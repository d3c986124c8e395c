/** A root key that a token guards: the store has it sealed under a key of the token, and opens no secret without it. */
import { Effect } from "effect"
import { decodeBase64, encodeBase64 } from "../../../encoding/base64.ts"
import { Randomness } from "../../../platform/services.ts"
import { Store, StoreUnusable } from "../../../store/store.ts"
import { orUnusable } from "../../../store/unavailable.ts"
import { watch } from "../../healthyRandomness.ts"
import { rootKeyFromBytes } from "../../native/rootKey.ts"
import { aeadIvBytes } from "../../primitives.ts"
import { rootKeyBytes } from "../../seal.ts"
import type { RootKey } from "../../seal.ts"
import { storeTag, tagName } from "../connection.ts"
import type { Call, CallFailed } from "../pool/pool.ts"
import type { ObjectName } from "../protocol.ts"

export const keptName = "rootKey.token"
const idBytes = 16
const sealedAt = idBytes + aeadIvBytes
const aad = new TextEncoder().encode("keystate root key in a token v1")
const spec = "Aliyun_AES_256"

/** Different from the labels of keys, so that a search for keys without rows does not find it. */
const nameOf = (tag: string, id: Uint8Array): ObjectName => ({ id, label: `keystate-root:${tag}` })

/** Draws a root key and seals it under a new key of the token. Returns the text to store, and the name of that key. */
export const drawInToken = (call: Call, tag: string) =>
  Effect.gen(function* () {
    const random = watch(yield* Randomness)
    const id = random.nonce()
    const iv = random.nonce().slice(0, aeadIvBytes)
    const name = nameOf(tag, id)
    yield* call("makeSecret", { name, spec })
    const bytes = random.secret(rootKeyBytes)
    const sealed = yield* call("seal", { name, spec, iv, aad, plaintext: bytes })
    bytes.fill(0)
    return { name, kept: encodeBase64(new Uint8Array([...id, ...iv, ...sealed])) }
  })

/** Created once; the text is durable before anything is sealed under the root key. Returns the stored text. */
const makeKept = (call: Call, tag: string) =>
  Effect.gen(function* () {
    const made = yield* drawInToken(call, tag)
    const kept = yield* orUnusable((yield* Store).metaOnce(keptName, made.kept))
    // Another first start was faster: nothing will be sealed under the key made here.
    if (kept !== made.kept) yield* call("destroy", { name: made.name })
    return decodeBase64(kept)
  })

const unusable = ({ detail }: CallFailed) =>
  Effect.fail(new StoreUnusable({ message: `The token does not open the root key: ${detail}.` }))

const damaged = Effect.fail(new StoreUnusable({ message: "The sealed root key in the store is not Base64." }))

const unseal = (call: Call, tag: string, kept: Uint8Array | undefined) =>
  Effect.gen(function* () {
    if (kept === undefined) return yield* damaged
    const randomness = yield* Randomness
    const name = nameOf(tag, kept.slice(0, idBytes))
    const iv = kept.slice(idBytes, sealedAt)
    const bytes = yield* call("unseal", { name, spec, iv, aad, sealed: kept.slice(sealedAt) })
    const rootKey = rootKeyFromBytes({ bytes, randomness })
    bytes.fill(0)
    return rootKey
  }).pipe(Effect.catchTag("CallFailed", unusable))

/** The root key that `meta` of the store names; undefined if it names none. */
export const knownRootKeyInToken = (
  call: Call,
  meta: ReadonlyMap<string, string>
): Effect.Effect<RootKey | undefined, StoreUnusable, Randomness> => {
  const [kept, tag] = [meta.get(keptName), meta.get(tagName)]
  return kept === undefined || tag === undefined ? Effect.succeed(undefined) : unseal(call, tag, decodeBase64(kept))
}

/** The same from an open store. A store without one gets one. */
export const openRootKeyInToken = (call: Call): Effect.Effect<RootKey, StoreUnusable, Store | Randomness> =>
  Effect.gen(function* () {
    const tag = yield* storeTag
    const known = yield* orUnusable((yield* Store).meta(keptName))
    return yield* unseal(call, tag, known === undefined ? yield* makeKept(call, tag) : decodeBase64(known))
  }).pipe(Effect.catchTag("CallFailed", unusable))
