/** Root keys on node:crypto: from given bytes, or from a passphrase. */
import { scrypt } from "node:crypto"
import { Effect } from "effect"
import type { Randomness } from "../../platform/services.ts"
import type { StoreUnusable } from "../../store/store.ts"
import { passphraseBytes } from "../passphrase.ts"
import type { Passphrase } from "../passphrase.ts"
import { makeRootKey, passphraseCost, rootKeyBytes } from "../seal.ts"
import type { RootKey } from "../seal.ts"
import { nativePrimitives } from "./nativePrimitives.ts"

/** Copies the 32 bytes; the caller wipes its own copy. Another length is a defect. */
export const rootKeyFromBytes = (given: {
  readonly bytes: Uint8Array
  readonly randomness: Randomness["Service"]
}): RootKey => makeRootKey(nativePrimitives, given)

export const rootKeyFromPassphrase = (
  given: Passphrase & { readonly randomness: Randomness["Service"] }
): Effect.Effect<RootKey, StoreUnusable> =>
  Effect.gen(function* () {
    const bytes = yield* stretched(yield* passphraseBytes(given), given.salt)
    const rootKey = rootKeyFromBytes({ bytes, randomness: given.randomness })
    bytes.fill(0)
    return rootKey
  })

/** OpenSSL refuses more than 32 MiB by default; scrypt needs a little more than 128 N r bytes (RFC 7914, section 2). */
const options = { ...passphraseCost, maxmem: 2 * 128 * passphraseCost.N * passphraseCost.r }

/** Runs in the thread pool, so that the event loop does not block. */
const stretched = (passphrase: Uint8Array, salt: Uint8Array): Effect.Effect<Uint8Array> =>
  Effect.callback((resume) => {
    scrypt(passphrase, salt, rootKeyBytes, options, (failure, bytes) => {
      passphrase.fill(0)
      resume(failure === null ? Effect.succeed(bytes) : Effect.die(failure))
    })
  })
