/** The reads of the store for operations, with failures as errors of the API. */
import type { Effect } from "effect"
import type { Store } from "./store.ts"
import { orRefused } from "./unavailable.ts"
import type { StoreRefusal } from "./unavailable.ts"

type Read = "alias" | "aliases" | "aliasesOf" | "journal" | "key" | "keys" | "userKeyCount" | "version" | "versions"

type Due = Effect.Success<Store["Service"]["nextDue"]>

type Refusing<Method> = Method extends (...given: infer Given) => Effect.Effect<infer A, unknown>
  ? (...given: Given) => Effect.Effect<A, StoreRefusal>
  : never

export type OperationStore = { readonly [Name in Read]: Refusing<Store["Service"][Name]> }

/** The same with reads of all accounts, for the root of the server's own account. */
export interface ServerStore extends OperationStore {
  readonly nextDue: Effect.Effect<Due, StoreRefusal>
}

export const operationStore = (store: Store["Service"]): ServerStore => ({
  alias: (realm, name) => orRefused(store.alias(realm, name)),
  aliases: (query) => orRefused(store.aliases(query)),
  aliasesOf: (keyId) => orRefused(store.aliasesOf(keyId)),
  journal: (page) => orRefused(store.journal(page)),
  key: (keyId) => orRefused(store.key(keyId)),
  keys: (query) => orRefused(store.keys(query)),
  userKeyCount: (realm) => orRefused(store.userKeyCount(realm)),
  version: (keyId, keyVersionId) => orRefused(store.version(keyId, keyVersionId)),
  versions: (keyId) => orRefused(store.versions(keyId)),
  nextDue: orRefused(store.nextDue)
})
