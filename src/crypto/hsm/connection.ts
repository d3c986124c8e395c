/** The token of the running service: connected before the services that need it, and monitored. */
import { Context, Effect, Layer } from "effect"
import { Randomness } from "../../platform/services.ts"
import { Store, StoreUnusable } from "../../store/store.ts"
import type { Primitives } from "../primitives.ts"
import { orUnusable } from "../../store/unavailable.ts"
import { CryptoFailed } from "../provider.ts"
import type { CryptoProvider } from "../provider.ts"
import type { RootKey } from "../seal.ts"
import { invocationsMaxDefault } from "./provider/invocations.ts"
import { incompleteness } from "./mechanisms.ts"
import type { Pool } from "./pool/pool.ts"
import type { Abilities, TokenOptions } from "./protocol.ts"
import { instanceOf } from "./provider/references.ts"

export interface HsmOptions extends TokenOptions {
  /** The most messages that one AES key version may seal; nine tenths of 2^32 except in tests. */
  readonly invocationsMax?: number
}

export interface ConnectedToken {
  readonly pool: Pool
  readonly abilities: Abilities
}

export class TokenConnection extends Context.Service<TokenConnection, { readonly token: ConnectedToken | undefined }>()(
  "keystate/crypto/TokenConnection"
) {
  static readonly layer = (options: TokenOptions | undefined): Layer.Layer<TokenConnection, StoreUnusable> =>
    options === undefined
      ? Layer.succeed(TokenConnection, { token: undefined })
      : Layer.effect(
          TokenConnection,
          Effect.gen(function* () {
            const fault = incompleteness(options.mechanisms ?? {})
            if (fault !== undefined) return yield* new StoreUnusable({ message: fault })
            const { makePool } = yield* Effect.promise(() => import("./pool/pool.ts"))
            const pool = yield* makePool(options)
            const abilities = yield* pool.call("probe", {})
            for (const lack of abilities.lacking) {
              yield* Effect.logWarning(
                `The token ${options.label} cannot hold all the key specs it was configured for: ${lack}.`
              )
            }
            return { token: { pool, abilities } }
          }).pipe(
            Effect.catchTag("CallFailed", ({ detail }) =>
              Effect.fail(
                new StoreUnusable({
                  message: `The token ${options.label} of ${options.module} cannot be used: ${detail}.`
                })
              )
            )
          )
        )
}

export const tagName = "hsm.tag"

/** Drawn once for a store, so that stores on one token do not confuse their keys. */
export const storeTag: Effect.Effect<string, StoreUnusable, Store | Randomness> = Effect.gen(function* () {
  const store = yield* Store
  const known = yield* orUnusable(store.meta(tagName))
  if (known !== undefined) return known
  return yield* orUnusable(store.metaOnce(tagName, instanceOf((yield* Randomness).bytes(4))))
})

export const tokenProvider = (
  { pool: { call }, abilities }: ConnectedToken,
  given: { readonly rootKey: RootKey; readonly primitives: Primitives; readonly options: HsmOptions }
): Effect.Effect<CryptoProvider, StoreUnusable, Store | Randomness> =>
  Effect.gen(function* () {
    const store = yield* Store
    const { rootKey, primitives, options } = given
    const { makeTokenProvider } = yield* Effect.promise(() => import("./provider/tokenProvider.ts"))
    return makeTokenProvider({
      call,
      abilities,
      rootKey,
      primitives,
      tag: yield* storeTag,
      randomness: yield* Randomness,
      // If the count cannot be stored, nothing is sealed.
      reserve: ({ row, count, limit }) =>
        Effect.mapError(
          store.reserveInvocations({ ...row, count, limit }),
          () => new CryptoFailed({ reason: "Unavailable" })
        ),
      invocationsMax: options.invocationsMax ?? invocationsMaxDefault
    })
  })
