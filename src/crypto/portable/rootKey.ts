/** Root keys on @noble: from given bytes, or from a passphrase. */
import { scrypt } from "@noble/hashes/scrypt.js"
import { Effect } from "effect"
import type { Randomness } from "../../platform/services.ts"
import type { StoreUnusable } from "../../store/store.ts"
import { passphraseBytes } from "../passphrase.ts"
import type { Passphrase } from "../passphrase.ts"
import { makeRootKey, passphraseCost, rootKeyBytes } from "../seal.ts"
import type { RootKey } from "../seal.ts"
import { portablePrimitives } from "./portablePrimitives.ts"

/** Copies the 32 bytes; the caller wipes its own copy. Another length is a defect. */
export const rootKeyFromBytes = (given: {
  readonly bytes: Uint8Array
  readonly randomness: Randomness["Service"]
}): RootKey => makeRootKey(portablePrimitives, given)

/** The same key as the native one for the same passphrase and salt. */
export const rootKeyFromPassphrase = (
  given: Passphrase & { readonly randomness: Randomness["Service"] }
): Effect.Effect<RootKey, StoreUnusable> =>
  Effect.map(passphraseBytes(given), (passphrase) => {
    const bytes = scrypt(passphrase, given.salt, { ...passphraseCost, dkLen: rootKeyBytes })
    passphrase.fill(0)
    const rootKey = rootKeyFromBytes({ bytes, randomness: given.randomness })
    bytes.fill(0)
    return rootKey
  })
