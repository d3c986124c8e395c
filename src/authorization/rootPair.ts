/** The root access key of the server's own account. The first start makes it; later starts use the same one. */
import { Effect, Schema } from "effect"
import { HeldRootKey } from "../crypto/heldRootKey.ts"
import type { AccountId } from "../domain/ids.ts"
import { Randomness } from "../platform/services.ts"
import { Store, StoreUnusable } from "../store/store.ts"
import { orLater, orUnusable } from "../store/unavailable.ts"
import { newPair, openSecret, sealSecret } from "./keyPairs.ts"

const StoredPair = Schema.fromJsonString(Schema.Struct({ accessKeyId: Schema.String, sealedSecret: Schema.String }))
const decodePair = Schema.decodeUnknownEffect(StoredPair)
const encodePair = Schema.encodeUnknownEffect(StoredPair)

/** The secret is sealed only for the name of its row. */
const owner = ""

const nameOf = (account: AccountId): string => `accessKey.root.${account}`
const shownName = (account: AccountId): string => `${nameOf(account)}.shown`

/** Records that the secret was shown, so that no later start shows it again. */
export const noteShown = (store: Store["Service"], account: AccountId): Effect.Effect<void> =>
  orLater("The record that the root's secret was shown", store.setMeta(shownName(account), "yes"))

/** Makes a pair and stores it, unless another first start stored one earlier. Returns the stored pair. */
const firstPair = Effect.fnUntraced(function* (name: string) {
  const store = yield* Store
  const { rootKey } = yield* HeldRootKey
  const pair = newPair(yield* Randomness, "LTAI")
  const sealedSecret = sealSecret(rootKey, owner, pair)
  const made = yield* Effect.orDie(encodePair({ accessKeyId: pair.accessKeyId, sealedSecret }))
  return yield* orUnusable(store.metaOnce(name, made))
})

export const ownRootPair = Effect.fn("rootPair.ownRootPair")(function* (account: AccountId) {
  const store = yield* Store
  const { rootKey } = yield* HeldRootKey
  const name = nameOf(account)
  const known = (yield* orUnusable(store.meta(name))) ?? (yield* firstPair(name))
  const { accessKeyId, sealedSecret } = yield* Effect.orDie(decodePair(known))
  const secret = openSecret(rootKey, { owner, accessKeyId }, sealedSecret)
  if (secret === undefined) {
    return yield* new StoreUnusable({ message: "The root access key does not open under this root key." })
  }
  const shown = yield* orUnusable(store.meta(shownName(account)))
  return { pair: { accessKeyId, secret }, wasShown: shown !== undefined }
})
