/** Converts a passphrase to the input of scrypt: the same bytes from every keyboard. */
import { Effect, Redacted } from "effect"
import { StoreUnusable } from "../store/store.ts"
import { passphraseSaltBytesMin } from "./seal.ts"

export interface Passphrase {
  readonly passphrase: Redacted.Redacted<string>
  /** At least 16 random bytes, stored with the data that the root key seals. */
  readonly salt: Uint8Array
}

const utf8 = new TextEncoder()

/** NFKC, because two systems may compose the same characters differently. The caller wipes the bytes. */
export const passphraseBytes = ({ passphrase, salt }: Passphrase): Effect.Effect<Uint8Array, StoreUnusable> =>
  Effect.suspend(() => {
    if (salt.length < passphraseSaltBytesMin) {
      return Effect.die(new Error(`a salt has at least ${passphraseSaltBytesMin} bytes`))
    }
    const text = Redacted.value(passphrase)
    return text.length > 0 && text.isWellFormed()
      ? Effect.succeed(utf8.encode(text.normalize("NFKC")))
      : Effect.fail(new StoreUnusable({ message: "The passphrase of the root key is empty or not well-formed text." }))
  })
